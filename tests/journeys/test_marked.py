"""What a client really gets before payment, byte by byte: every size of every picture, from the running server."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.demo.draw import brochure, photographs
from tests.journeys.sample_studio import Sample, fetch
from tests.originals import CANARY

pytestmark = pytest.mark.browser

SIZES = (480, 960, 2048)
TILES = 6
PICTURES = 6
"""As many photographs has the delivery that is held; after them comes the brochure."""
SEGMENTS_OF_A_BARE_JPEG = {0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA, 0xE0}
"""Tables, frame, scan, restart interval, JFIF header: nothing that could carry words or another picture."""


@dataclass(frozen=True)
class Rendition:
    """One picture as served: the asset's place in the delivery, its page, the size asked for, the bytes."""

    number: int
    page: int
    size: int
    content: bytes

    def pixels(self) -> NDArray[np.float32]:
        return np.asarray(Image.open(io.BytesIO(self.content)).convert("L"), np.float32)


@pytest.fixture(scope="session")
def renditions(sample: Sample) -> list[Rendition]:
    """Every rendition of the delivery that is held, as its link gives them."""
    return list(_all_of(sample))


def _all_of(sample: Sample) -> Iterator[Rendition]:
    share = sample.place("held", locale="en").share
    _headers, body = fetch(sample.url + share, Accept="application/json")
    for number, asset in enumerate(json.loads(body)["assets"]):
        for page in asset["pages"]:
            assert set(page["renditions"]) == {str(size) for size in SIZES}
            for size, address in page["renditions"].items():
                headers, content = fetch(sample.url + address)
                assert headers["Content-Type"] == "image/jpeg"
                yield Rendition(number, page["number"], int(size), content)


def test_promise_9_every_size_is_marked_all_over(renditions: list[Rendition]) -> None:
    """Set against the clean drawing at the same size, no part of a picture is as it was drawn; and the same drawing,
    only made smaller and compressed, would pass as unmarked."""
    clean = [Image.open(io.BytesIO(content)) for _name, content in photographs()]
    seen = 0
    for rendition in renditions:
        if rendition.number >= len(clean):
            continue
        marked = rendition.pixels()
        drawn = _drawn(clean[rendition.number], marked.shape)
        weakest, plain = _change(marked, drawn).min(), _change(_compressed(drawn), drawn).max()
        assert weakest > 2 * plain, (rendition.number, rendition.size, weakest, plain)
        seen += 1
    assert seen == PICTURES * len(SIZES)


def test_promise_7_renditions_are_nothing_but_pixels(renditions: list[Rendition]) -> None:
    """No EXIF, profile, comment or second picture, and nothing after the end."""
    assert renditions
    for rendition in renditions:
        picture = Image.open(io.BytesIO(rendition.content))
        assert max(picture.size) <= rendition.size
        assert not picture.getexif() and not picture.info.keys() & {"icc_profile", "exif", "comment", "xmp"}
        assert getattr(picture, "n_frames", 1) == 1
        assert rendition.content.endswith(b"\xff\xd9")
        assert set(_segments(rendition.content)) <= SEGMENTS_OF_A_BARE_JPEG
        assert CANARY.encode() not in rendition.content


def test_promise_8_previews_of_a_document_are_pictures_of_its_pages(renditions: list[Rendition]) -> None:
    name, content = brochure()
    assert name.endswith(".pdf") and content.startswith(b"%PDF")
    pages = [r for r in renditions if r.number == PICTURES]
    assert {r.page for r in pages} == {1, 2}
    assert all(r.content.startswith(b"\xff\xd8") and b"%PDF" not in r.content for r in pages)


def _drawn(clean: Image.Image, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.asarray(clean.convert("L").resize((shape[1], shape[0]), Image.Resampling.LANCZOS), np.float32)


def _compressed(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG", quality=80)
    return np.asarray(Image.open(buffer), np.float32)


def _change(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean difference in each part of the picture, of 255, once grain smaller than a letter is smoothed away."""
    apart = np.asarray(Image.fromarray(one - other).reduce(4), np.float32)
    rows = np.array_split(np.abs(apart), TILES, axis=0)
    return np.array([[part.mean() for part in np.array_split(row, TILES, axis=1)] for row in rows], np.float32)


def _segments(content: bytes) -> Iterator[int]:
    """The markers of a JPEG's segments up to its scan (ITU-T T.81, B.1.1)."""
    at = 2
    while at < len(content):
        marker = content[at + 1]
        yield marker
        if marker == 0xDA:
            return
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
