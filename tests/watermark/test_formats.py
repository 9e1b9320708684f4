"""Each format's sample is told by its content and shown as it should look; bad files of each end as cards."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from tests.samples import drawings, office, raw
from tests.samples.every import all_kinds, every_sample
from tests.samples.fonts import packings
from tests.samples.older_office import STREAMS, older, storage
from tests.samples.raw_makers import APART, cr2, of_maker, raf
from tests.samples.scene import Sample, scene
from tests.watermark.conftest import Run, corners, pixels, saved
from watermark.outside.office import ENDINGS, SOFFICE
from watermark.rendering import every_renderer
from watermark.sniff import source_of
from watermark.steps.flatten import GROUND

SAMPLES = every_sample()


def likeness(shown: bytes, reference: npt.NDArray[np.uint8]) -> float:
    """SSIM of two pictures, the larger brought to the smaller's size."""
    with Image.open(io.BytesIO(shown)) as opened:
        picture = opened.convert("RGB")
    wanted = Image.fromarray(reference)
    size = min(picture.size, wanted.size)
    ours, theirs = (np.asarray(p.resize(size, Image.Resampling.BOX)) for p in (picture, wanted))
    return float(structural_similarity(ours, theirs, channel_axis=2))


@pytest.mark.parametrize("sample", [*SAMPLES, *office.office()], ids=lambda sample: sample.filename)
def test_each_format_is_told_by_content_and_looks_right(ingested: Run, sample: Sample) -> None:
    header, pages = ingested(sample.content, sample.filename)
    if sample.media_type in ENDINGS and not SOFFICE.present():
        assert (header.reason, header.media_type, pages) == ("program_missing", sample.media_type, [])
        return
    assert (header.reason, header.media_type) == (None, sample.media_type)
    assert "name_mismatch" not in header.notes
    if sample.reference is None:
        assert pixels(pages[0].proof).std() > 5, "a blank sheet"
        return
    for page, reference in zip(pages, (sample.reference, *sample.later), strict=True) if sample.later else ():
        assert likeness(page.proof, reference) >= sample.least
    found = likeness(pages[0].proof, sample.reference)
    print(f"{sample.format:10} {sample.filename:14} SSIM {found:.4f}")
    assert found >= sample.least


def test_a_font_looks_the_same_in_each_packing(ingested: Run) -> None:
    sheets = [pixels(ingested(sample.content, sample.filename)[1][0].proof) for sample in packings()]
    assert sheets[0].std() > 20
    for sheet, sample in zip(sheets, packings(), strict=True):
        found = likeness(saved(Image.fromarray(sheet), "PNG"), sheets[0])
        # Cubic outlines are hinted otherwise than quadratic ones.
        assert found >= (0.92 if sample.format == "OTF" else 0.999), (sample.format, found)


@pytest.mark.parametrize("kind", ["NEF", "CR2", "RAF", "CR3", "ORF", "RW2"])
def test_a_makers_raw_is_developed_unless_its_jpeg_fills_the_preview(ingested: Run, kind: str) -> None:
    """The JPEG is another picture than the sensor's, so it is seen which of the two is shown."""
    other = np.ascontiguousarray(scene()[::-1, ::-1])
    make = {"NEF": lambda jpeg: of_maker("NEF", jpeg), "CR2": cr2, "RAF": raf}.get(kind) or APART[kind.lower()][1]
    for size, shown in (((480, 320), other), ((240, 160), scene())):
        jpeg = saved(Image.fromarray(other).resize(size), "JPEG", quality=92)
        _, (page,) = ingested(make(jpeg), f"a.{kind.lower()}")
        assert likeness(page.proof, shown) > 0.93 > likeness(page.proof, scene() if shown is other else other)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%!PS-Adobe-3.0\n%%EOF\n", "application/postscript"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "application/x-7z-compressed"),
        (b"Rar!\x1a\x07" + bytes(100), "application/vnd.rar"),
    ],
)
def test_what_nothing_here_reads_is_a_card_that_names_it(ingested: Run, content: bytes, media_type: str) -> None:
    header, pages = ingested(content, "a")
    assert (header.kind, header.reason, header.media_type, pages) == ("card", "unsupported", media_type, [])


@pytest.mark.parametrize("ending", STREAMS)
def test_the_older_office_kinds_are_told_by_their_stream(ingested: Run, tmp_path: Path, ending: str) -> None:
    """Wherever the directory lies, and also where another document is put into it."""
    stream, other = STREAMS[ending], next(name for name in STREAMS.values() if name != STREAMS[ending])
    many = [f"Stream {number}" for number in range(12)]
    header, pages = ingested(storage([*many, stream], within=other), f"a.{ending}")
    assert (header.kind, header.media_type, header.notes, pages) == ("card", office.MEDIA_TYPES[ending], (), [])
    assert header.reason == ("corrupt" if SOFFICE.present() else "program_missing")
    for content in (
        storage([stream]),
        storage([stream], within=other),
        storage([*many, stream], within=other, before=3_000),
        storage([*many, stream], before=16_000),
    ):
        (tmp_path / "a").write_bytes(content)
        with (tmp_path / "a").open("rb") as file:
            assert source_of(file).media_type == office.MEDIA_TYPES[ending]
    header, _ = ingested(storage(many, within=stream), f"a.{ending}")
    assert (header.media_type, header.reason) == ("application/x-ole-storage", "unsupported")


@pytest.mark.parametrize("ending", STREAMS)
def test_the_older_office_kinds_look_right_where_there_is_libreoffice(ingested: Run, ending: str) -> None:
    sample = older(ending)
    header, pages = ingested(sample.content, sample.filename)
    assert (header.media_type, header.notes) == (sample.media_type, ())
    if not SOFFICE.present():
        assert (header.kind, header.reason, pages) == ("card", "program_missing", [])
        return
    assert sample.reference is not None and len(pages) == 1
    assert likeness(pages[0].proof, sample.reference) >= sample.least


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.filename for sample in SAMPLES])
def test_a_wrong_name_is_noted_and_not_believed(ingested: Run, sample: Sample) -> None:
    wrong = "a.png" if not sample.filename.endswith(".png") else "a.jpg"
    header, _ = ingested(sample.content, wrong)
    assert header.media_type == sample.media_type and header.reason in (None, "program_missing")
    assert "name_mismatch" in header.notes


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.filename for sample in SAMPLES])
def test_a_cut_file_is_a_card_or_what_is_whole_of_it(ingested: Run, sample: Sample, share: float) -> None:
    header, pages = ingested(sample.content[: int(len(sample.content) * share)], sample.filename)
    if header.kind == "card":
        assert header.reason in {"empty_file", "truncated", "corrupt", "unsupported", "no_pages", "program_missing"}
        assert pages == []
    else:
        assert pages


def test_every_format_named_in_the_table_has_a_sample() -> None:
    shown = {sample.media_type for sample in all_kinds()}
    declared = {media_type for renderer in every_renderer() for media_type in renderer.about.media_types}
    assert declared <= shown


def test_a_raw_file_is_told_from_a_tiff_by_what_it_holds(ingested: Run) -> None:
    named = raw.dng().replace(b"Tillpaid\0", b"NIKON  C\0", 1)
    assert ingested(named, "a.dng")[0].media_type == "image/x-adobe-dng"
    maker = named.replace((50706).to_bytes(2, "little"), (60001).to_bytes(2, "little"), 1)
    assert ingested(maker, "a.nef")[0].media_type == "image/x-nikon-nef"
    header, _ = ingested(saved(corners(), "TIFF"), "a.NEF")
    assert (header.media_type, header.notes, header.kind) == ("image/tiff", ("name_mismatch",), "picture")


def test_raw_is_turned_upright_in_both_ways(ingested: Run) -> None:
    for content in (raw.dng(orientation=6), raw.large_dng(orientation=6)):
        header, (page,) = ingested(content, "a.dng")
        assert (page.width, page.height) == (320, 480) == (header.width, header.height)
        corner = pixels(page.proof)[10:50, 295:315].mean((0, 1))  # the red corner, turned to the right
        assert np.ptp(corner) > 120


def test_psd_transparency_lies_on_the_ground(ingested: Run) -> None:
    planes = np.zeros((60, 90, 4), np.uint8)
    planes[:, :, :3] = 255  # as kept: blended with white
    planes[:, 45:] = (10, 20, 200, 255)
    _, (page,) = ingested(drawings.psd(planes=planes), "a.psd")
    shown = pixels(page.proof)
    assert np.abs(shown[30, 20].astype(int) - GROUND).max() <= 2
    assert np.abs(shown[30, 70].astype(int) - (10, 20, 200)).max() <= 4


def test_psd_without_a_merged_picture_says_so(ingested: Run) -> None:
    header, pages = ingested(drawings.psd(merged=False), "a.psd")
    assert (header.kind, header.reason, pages) == ("card", "no_merged_picture", [])


def test_a_huge_psd_is_refused_unread(ingested: Run) -> None:
    content = bytearray(drawings.psd(planes=np.zeros((8, 8, 3), np.uint8)))
    content[14:22] = (30000).to_bytes(4, "big") * 2
    assert ingested(bytes(content), "a.psd")[0].reason == "too_many_pixels"


SECRET = (17, 201, 99)


@pytest.mark.parametrize(
    "reference",
    [
        '<image href="{place}" width="480" height="320"/>',
        '<image xlink:href="{place}" width="480" height="320"/>',
        '<image href="file://{place}" width="480" height="320"/>',
        '<filter id="f"><feImage href="{place}"/></filter><rect width="480" height="320" filter="url(#f)"/>',
        '<style>rect {{ fill: url({place}) }}</style><rect width="480" height="320"/>',
        '<rect width="480" height="320" style="fill: url({place}#a)"/>',
        '<image href="data:image/svg+xml,&lt;svg xmlns=&apos;http://www.w3.org/2000/svg&apos;&gt;&lt;image '
        'href=&apos;{place}&apos; width=&apos;480&apos; height=&apos;320&apos;/&gt;&lt;/svg&gt;" width="480" height="320"/>',
        '<foreignObject width="480" height="320"><img src="{place}"/></foreignObject><script>0</script>',
    ],
)
def test_promise_27_a_drawing_reaches_nothing_outside_itself(ingested: Run, tmp_path: Path, reference: str) -> None:
    place = tmp_path / "secret.png"
    place.write_bytes(saved(Image.new("RGB", (480, 320), SECRET), "PNG"))
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="480" height="320">'
        f'{reference.format(place=place)}<path d="M0 0H20V20H0z" fill="red"/></svg>'
    )
    header, (page,) = ingested(text.encode(), "a.svg")
    assert header.kind == "picture"
    shown = pixels(page.proof).astype(int)
    assert np.abs(shown - SECRET).max(2).min() > 20, "the file was read"
    assert np.abs(shown[40, 40] - (255, 0, 0)).max() < 12, "the rest is shown"


def test_an_inner_picture_is_shown(ingested: Run) -> None:
    import base64

    inner = base64.b64encode(saved(Image.fromarray(scene()), "PNG")).decode()
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 320"><image href="data:image/png;base64,{inner}" width="480" height="320"/></svg>'
    _, (page,) = ingested(text.encode(), "a.svg")
    assert likeness(page.proof, scene()) > 0.9


def test_words_that_are_no_outlines_are_said_to_be_left_out(ingested: Run) -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60"><path d="M9 9H90V40z"/><text y="40">Rēķins</text></svg>'
    header, (page,) = ingested(text.encode(), "a.svg")
    assert header.notes == ("words_left_out",)
    assert pixels(page.proof).std() > 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<svg xmlns='http://www.w3.org/2000/svg'>" + "<g>" * 5000 + "</g>" * 5000 + "</svg>", "too_complex"),
        ("<!DOCTYPE s SYSTEM 'file:///etc/hostname'><svg xmlns='http://www.w3.org/2000/svg'/>", "corrupt"),
        (
            "<!DOCTYPE s [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><svg xmlns='http://www.w3.org/2000/svg'><text>&a;</text></svg>",
            "corrupt",
        ),
        ("<svg xmlns='http://www.w3.org/2000/svg' width='0' height='0' viewBox='0 0 0 0'/>", "corrupt"),
        ("<svg xmlns='http://www.w3.org/2000/svg'>", "truncated"),
    ],
    ids=["deep", "outside dtd", "outside entity", "no size", "cut"],
)
def test_hostile_drawings_are_cards(ingested: Run, text: str, reason: str) -> None:
    header, pages = ingested(text.encode(), "a.svg")
    assert (header.kind, header.reason, pages) == ("card", reason, [])


def test_entities_that_grow_are_a_card(ingested: Run) -> None:
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    text = f"<!DOCTYPE s [<!ENTITY e0 'aaaaaaaaaa'>{entities}]><svg xmlns='http://www.w3.org/2000/svg'><text>&e9;</text></svg>"
    assert ingested(text.encode(), "a.svg")[0].reason == "corrupt"


def test_a_listing_shows_names_and_no_contents(ingested: Run) -> None:
    header, (page,) = ingested(drawings.archive(), "a.zip")
    assert (header.kind, header.page_count) == ("picture", 1)
    assert page.width > page.height / 2
    many = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(many, "w") as made:
        for number in range(500):
            made.writestr(f"{'d/' * 40}{number}\u202ex\n.txt", b"")
    header, (page,) = ingested(many.getvalue(), "a.zip")
    assert page.height <= 2048 and header.kind == "picture"
