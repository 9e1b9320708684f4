"""A link's mark through the sandbox: laid on, read back, traced in whatever file; and hostile answers refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bench.samples import photo
from tests.watermark.conftest import KEY, saved
from watermark import BadSource, RenderStopped, Sandbox
from watermark.answers import read_imprint, read_readings
from watermark.forensic import codec
from watermark.imprint import imprint
from watermark.steps.encode import encode_rendition

LINK = 0xABCDEF012345


@pytest.fixture(scope="module")
def marked() -> bytes:
    return encode_rendition(photo(1200, 800))


def test_it_is_laid_on_and_read_back(sandbox: Sandbox, marked: bytes) -> None:
    small = encode_rendition(photo(150, 100))
    one, two = sandbox.imprint([marked, small], payload=LINK, key=KEY)
    assert (one.trace, two.trace) == ("carried", "too_small")
    assert two.picture == small and one.picture != marked
    pixels = np.asarray(Image.open(io.BytesIO(one.picture)).convert("RGB"))
    assert codec.extract(pixels, KEY)[0] == LINK
    assert sandbox.imprint([marked], payload=LINK, key=KEY)[0] == one


def test_what_does_not_read_back_is_given_back_as_it_came(marked: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    real = codec.embed

    def embed(*args: object, gain: float) -> object:
        tried.append(gain)
        return real(*args, gain=gain)  # type: ignore[arg-type]

    monkeypatch.setattr(codec, "embed", embed)
    monkeypatch.setattr(codec, "verify", lambda *_args: len(tried) >= 2)
    assert imprint(marked, LINK, KEY).trace == "carried"
    monkeypatch.setattr(codec, "verify", lambda *_args: False)
    tried.clear()
    given_up = imprint(marked, LINK, KEY)
    assert (given_up.trace, given_up.picture) == ("unreadable", marked)
    assert tried == sorted(set(tried)) and len(tried) == 3


def test_what_is_no_jpeg_of_ours_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(BadSource):
        sandbox.imprint([b"no picture"], payload=LINK, key=KEY)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_found_file_of_any_kind_is_traced(sandbox: Sandbox, marked: bytes, kind: str, tmp_path: Path) -> None:
    [made] = sandbox.imprint([marked], payload=LINK, key=KEY)
    found = tmp_path / "found"
    found.write_bytes(saved(Image.open(io.BytesIO(made.picture)), kind))
    readings = sandbox.trace(found, filename="found", keys=[b"another" * 5, KEY])
    assert [(r.payload, r.key, r.page) for r in readings.found] == [(LINK, 1, 1)]
    assert readings.complete and readings.found[0].confidence > 0.9


def test_a_clean_picture_names_nobody(sandbox: Sandbox, marked: bytes, tmp_path: Path) -> None:
    (tmp_path / "clean").write_bytes(marked)
    readings = sandbox.trace(tmp_path / "clean", filename="clean.jpg", keys=[KEY])
    assert readings.found == () and readings.complete


@pytest.mark.parametrize("content", [b"", b"words", b"\xff\xd8\xff" + b"x" * 500, b"%PDF-1.4\nnothing", b"GIF89a"])
def test_garbage_is_a_clear_error(sandbox: Sandbox, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "found").write_bytes(content)
    with pytest.raises(BadSource):
        sandbox.trace(tmp_path / "found", filename="found", keys=[KEY])


def test_a_taken_over_child_cannot_smuggle_answers(marked: bytes) -> None:
    larger = encode_rendition(photo(1300, 800))
    for told, blobs in [({}, []), ({"trace": "carried"}, []), ({"trace": "carried"}, [larger]), ({"trace": "too_small"}, [marked])]:  # fmt: skip
        with pytest.raises(RenderStopped):
            read_imprint(told, blobs, marked)
    right = {"found": [], "complete": True, "media_type": "image/jpeg", "page_count": 1}
    assert read_readings(right, [], 1).found == ()
    one = {"payload": 1, "confidence": 0.9, "page": 1, "key": 0}
    wrong = [{"payload": 1 << 48}, {"payload": -1}, {"confidence": 2.0}, {"key": 1}, {"page": 0}, {"payload": "1"}]
    for changed in wrong:
        with pytest.raises(RenderStopped):
            read_readings({**right, "found": [{**one, **changed}]}, [], 1)
    for changed in ({"complete": 1}, {"found": [one] * 100}, {"media_type": 3}, {"page_count": 0}):
        with pytest.raises(RenderStopped):
            read_readings({**right, **changed}, [], 1)
