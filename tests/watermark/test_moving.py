"""Films, sounds and office documents: told by content, shown marked, nothing of the original but what is shown, never unmarked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.samples import moving
from tests.watermark.conftest import KEY, RECIPE, pixels, saved
from tests.watermark.test_formats import likeness
from watermark import Clip, Header, Page, Recipe, RenderStopped, Sandbox
from watermark.audible.mark import RATE, chords, marked, samples
from watermark.layout_mp4 import bare_mp4
from watermark.outside import films, office, sounds

Parts = tuple[Header, list[Page], list[Clip]]


def parts_of(box: Sandbox, content: bytes, folder: Path, filename: str = "a", recipe: Recipe = RECIPE) -> Parts:
    path = folder / "original"
    path.write_bytes(content)
    with box.ingest(path, filename=filename, recipe=recipe, key=KEY) as parts:
        header, *rest = parts
    assert isinstance(header, Header)
    return header, [p for p in rest if isinstance(p, Page)], [p for p in rest if isinstance(p, Clip)]


def frames(clip: bytes, folder: Path, width: int, height: int) -> Any:
    (folder / "clip.mp4").write_bytes(clip)
    read = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        folder / "clip.mp4",
        "-vf",
        "fps=2",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    out = subprocess.run(read, capture_output=True, check=True).stdout
    return np.frombuffer(out, np.uint8).reshape(-1, height, width, 3)


def told_by_ffprobe(content: bytes, folder: Path) -> dict[str, Any]:
    (folder / "clip.mp4").write_bytes(content)
    ask = ["ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters"]
    told: dict[str, Any] = json.loads(
        subprocess.run([*ask, folder / "clip.mp4"], capture_output=True, check=True).stdout
    )
    return told


@pytest.mark.parametrize("kind", moving.FILMS)
def test_each_kind_of_film(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    sample = moving.film_sample(kind)
    header, pages, (clip,) = parts_of(sandbox, sample.content, tmp_path, sample.filename)
    assert (header.kind, header.media_type, header.reason) == ("film", sample.media_type, None)
    assert (header.width, header.height, header.page_count, header.notes) == (480, 320, 3, ())
    assert sample.reference is not None
    found = likeness(pages[0].proof, sample.reference)
    print(f"{sample.format:10} {sample.filename:14} SSIM {found:.4f}")
    assert found >= sample.least
    assert (clip.kind, clip.width, clip.height) == ("film", 480, 320) and 1.9 < clip.seconds < 2.2
    assert bare_mp4(clip.marked)[1:] == ((480, 320), clip.seconds, True)


@pytest.mark.parametrize("kind", moving.SOUNDS)
def test_each_kind_of_sound(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    sample = moving.sound_sample(kind)
    header, (page,), (clip,) = parts_of(sandbox, sample.content, tmp_path, sample.filename)
    assert (header.kind, header.media_type, header.notes) == ("sound", sample.media_type, ())
    assert pixels(page.proof).std() > 20 and (page.width, page.height) == (1600, 640)
    assert clip.kind == "sound" and 3.9 < clip.seconds < 4.2
    assert bare_mp4(clip.marked)[1:] == ((0, 0), clip.seconds, True)


def test_an_amr_is_drawn_loud_where_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    """Nothing here writes AMR but ourselves: what is shown is compared with what was put in, and with ffmpeg's own decoding."""
    _, (page,), _ = parts_of(sandbox, moving.sound("AMR"), tmp_path, "a.amr")
    below = pixels(page.proof)[80:, 60:1540].astype(int)  # the time stands above
    drawn = (np.abs(below - below[0, 0]).max(2) > 60).mean(0)
    beats = [part[45:145].mean() for part in np.split(drawn, 8)]  # of half a second: loud, silent, loud
    assert min(beats[::2]) > 0.2 and max(beats[1::2]) < 0.02
    _, (same,), _ = parts_of(sandbox, moving.decoded(moving.sound("AMR"), "amr"), tmp_path, "a.wav")
    assert likeness(page.proof, pixels(same.proof)) > 0.95


def test_promise_7_a_clip_carries_nothing_of_its_original_but_pictures_and_sound(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    _, _, (clip,) = parts_of(sandbox, moving.film(), tmp_path)
    assert moving.CANARY.encode() in moving.film() and moving.PLACE_AS_KEPT in moving.film()
    _, _, (heard,) = parts_of(sandbox, moving.sound("MP3"), tmp_path)
    for content in (clip.marked, heard.marked):
        assert (
            b"CANARY" not in content
            and moving.PLACE_AS_KEPT not in content
            and b"x264" not in content.replace(b"Lavc libx264", b"")
        )
        told = told_by_ffprobe(content, tmp_path)
        assert told["chapters"] == []
        said = {name: value for stream in told["streams"] for name, value in stream.get("tags", {}).items()}
        said |= told["format"]["tags"]
        assert set(said) <= {
            *("language", "handler_name", "vendor_id", "encoder", "major_brand", "minor_version", "compatible_brands"),
        }, said
        assert said["handler_name"] in {"VideoHandler", "SoundHandler"} and said["language"] == "und"
        assert content.index(b"moov") < content.index(b"mdat"), "players would have to fetch all of it first"


def test_every_picture_of_a_clip_is_marked_and_its_sound_too(tmp_path: Path) -> None:
    with Sandbox() as box:
        _, _, (clip,) = parts_of(box, moving.film(seconds=5.0), tmp_path, recipe=Recipe("Sample"))
    clean, shown = (frames(content, tmp_path, 480, 320).astype(int) for content in (clip.clean, clip.marked))
    assert len(clean) == len(shown) >= 9
    for before, after in zip(clean, shown, strict=True):
        changed = np.abs(before - after).max(2) >= 5
        cells = [cell.mean() for row in np.array_split(changed, 4) for cell in np.array_split(row, 4, axis=1)]
        assert min(cells) > 0.08
    assert np.abs(shown[0] - shown[-1]).mean() < 2, "what stands still keeps its lines: else they could be averaged out"
    told = told_by_ffprobe(clip.marked, tmp_path)
    assert [stream["codec_name"] for stream in told["streams"]] == ["h264", "aac"]


def test_where_the_scene_changes_the_lines_change_too(tmp_path: Path) -> None:
    scrolled = moving.film(options="-vf scroll=horizontal=0.02", seconds=5.0)
    with Sandbox() as box:
        _, _, (clip,) = parts_of(box, scrolled, tmp_path, recipe=Recipe("Sample"))
    clean, shown = (frames(content, tmp_path, 480, 320).astype(int) for content in (clip.clean, clip.marked))
    first, last = (shown[n] - clean[n] for n in (0, -1))
    assert np.abs(first - last).mean() > 2, "lines that stood still could be told from what moves behind them"


def test_the_audible_mark_is_keyed_and_can_be_heard() -> None:
    quiet = bytes(2 * RATE * 20)
    one, other = (samples(marked(quiet, key)) for key in (b"one", b"two"))
    assert len(one) == RATE * 20 and np.abs(one).max() > 0.05
    assert 4 <= len(chords(RATE * 20, b"one")) <= 7
    assert np.abs(one - other).max() > 0.05
    again = samples(marked(quiet, b"one"))
    assert (again == one).all()
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.3
    assert chords(1000, b"one") != []


def test_promise_10_a_film_whose_mark_does_not_take_has_no_clip(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    real = films._layers

    def clear(task: Any, source: int, place: Path, width: int, height: int) -> None:
        real(task, source, place, width, height)
        for layer in place.glob("layer*.png"):
            layer.write_bytes(saved(Image.new("RGBA", (width, height)), "PNG"))

    monkeypatch.setattr(films, "_layers", clear)
    header, pages, clips = parts_of(sandbox, moving.film(), tmp_path)
    assert (header.kind, len(pages), clips) == ("film", 3, [])


def test_promise_10_a_sound_whose_mark_does_not_take_is_not_played(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "_marked", lambda _task, clean: clean)
    for content, kind, count in ((moving.sound(), "sound", 1), (moving.film(), "film", 3)):
        header, pages, clips = parts_of(sandbox, content, tmp_path)
        assert (header.kind, len(pages), clips) == (kind, count, [])


def test_a_long_film_is_cut_and_a_large_one_sized_down(sandbox: Sandbox, tmp_path: Path) -> None:
    long = moving.film("MP4", 64.0, "-vf scale=128:72 -r 5")
    header, pages, (clip,) = parts_of(sandbox, long, tmp_path)
    assert "clip_shortened" in header.notes and clip.seconds <= 60.5 and len(pages) == 3
    large = moving.film("MP4", 1.0, "-vf scale=1440:960")
    _, pages, (clip,) = parts_of(sandbox, large, tmp_path)
    assert (pages[0].width, pages[0].height) == (1440, 960) and (clip.width, clip.height) == (720, 480)
    tall = moving.film("MP4", 1.0, "-vf transpose=1,scale=180:320,setsar=2")
    header, _, (clip,) = parts_of(sandbox, tall, tmp_path)
    assert (header.width, header.height) == (360, 320), "pixels that are not square"


def test_what_cannot_be_played_is_a_card_with_its_reason(sandbox: Sandbox, tmp_path: Path) -> None:
    film = moving.film()
    for content, reasons in (
        (film[:2000], {"truncated", "corrupt"}),
        (film[:40] + b"\0" * 5000, {"truncated", "corrupt"}),
        (b"OggS\0" + bytes(500), {"truncated", "corrupt", "unsupported"}),
        (b"ID3" + bytes(5000), {"truncated", "corrupt", "unsupported"}),
    ):
        header, pages, clips = parts_of(sandbox, content, tmp_path)
        assert header.kind == "card" and header.reason in reasons and pages == clips == []


def test_without_the_programs_files_are_cards(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = (moving.film(), moving.sound(), moving.document())
    monkeypatch.setenv("PATH", str(tmp_path))
    for content in contents:
        header, pages, clips = parts_of(sandbox, content, tmp_path)
        assert (header.kind, header.reason, pages, clips) == ("card", "program_missing", [], [])


def test_a_document_is_shown_by_its_pages_where_there_is_libreoffice(sandbox: Sandbox, tmp_path: Path) -> None:
    header, pages, _ = parts_of(sandbox, moving.document(120), tmp_path, "a.docx")
    assert header.media_type == next(iter(office.ENDINGS)) and "name_mismatch" not in header.notes
    if office.SOFFICE.present():
        assert (header.kind, header.page_count) == ("document", len(pages)) and len(pages) == 3
        assert pixels(pages[0].proof).std() > 5
    else:
        assert (header.kind, header.reason) == ("card", "program_missing")


@pytest.mark.parametrize("harm", ["udta", "dates", "another box", "after the end", "a name", "two pictures"])
def test_the_second_look_refuses_what_is_no_bare_clip(sandbox: Sandbox, tmp_path: Path, harm: str) -> None:
    clip = parts_of(sandbox, moving.film(), tmp_path)[2][0].marked
    assert bare_mp4(clip)[0] == clip
    harmed = bytearray(clip)
    if harm == "udta":
        harmed[clip.index(b"free") : clip.index(b"free") + 4] = b"uuid"
    elif harm == "dates":
        harmed[clip.index(b"mvhd") + 8 : clip.index(b"mvhd") + 12] = b"\x12\x34\x56\x78"
    elif harm == "another box":
        harmed[clip.index(b"stss") : clip.index(b"stss") + 4] = b"xml "
    elif harm == "after the end":
        harmed += b"\0\0\0\x10skipsecret!!"
    elif harm == "a name":
        harmed[clip.index(b"VideoHandler") : clip.index(b"VideoHandler") + 12] = b"VideoHidden!"
    else:
        at = clip.index(b"stsd")
        harmed[at + 8 : at + 12] = b"\0\0\0\2"
    with pytest.raises(RenderStopped) as caught:
        bare_mp4(bytes(harmed))
    assert caught.value.code == "bad_answer"
