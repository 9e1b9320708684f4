"""One sandbox with a cheap fake mark for most tests, and ways to read what comes out."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from watermark import Header, Limits, Page, Recipe, Sandbox

FAKE = "tests.watermark.fake_marks:fake_mark"
RECIPE = Recipe("plain")
KEY = b"k" * 32

Ingested = tuple[Header, list[Page]]
Run = Callable[..., Ingested]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(pages=3), marker=FAKE) as made:
        yield made


@pytest.fixture
def ingested(sandbox: Sandbox, tmp_path: Path) -> Run:
    """Bytes (or a path) through the sandbox: the header and all pages."""

    def run(
        content: bytes | Path, filename: str = "x", recipe: Recipe = RECIPE, box: Sandbox | None = None
    ) -> Ingested:
        path = content if isinstance(content, Path) else tmp_path / "original"
        if isinstance(content, bytes):
            path.write_bytes(content)
        with (box or sandbox).ingest(path, filename=filename, recipe=recipe, key=KEY) as parts:
            header, *pages = parts
        assert isinstance(header, Header)
        return header, [page for page in pages if isinstance(page, Page)]

    return run


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture's bytes in a format of Pillow's."""
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def pixels(encoded: bytes) -> npt.NDArray[np.uint8]:
    """uint8 height x width x 3."""
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))


def corners(width: int = 300, height: int = 200) -> Image.Image:
    """Red, green, blue and white quarters: top left, top right, bottom left, bottom right."""
    drawn = np.zeros((height, width, 3), np.uint8)
    half_h, half_w = height // 2, width // 2
    drawn[:half_h, :half_w] = (220, 20, 20)
    drawn[:half_h, half_w:] = (20, 200, 20)
    drawn[half_h:, :half_w] = (20, 20, 220)
    drawn[half_h:, half_w:] = (240, 240, 240)
    return Image.fromarray(drawn)
