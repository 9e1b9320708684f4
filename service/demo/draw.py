"""Pictures, a brochure and a ZIP of sources, drawn from numbers: nobody's work, free to show."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Canvas = NDArray[np.float32]
WIDTH, HEIGHT = 2400, 1600


def photographs() -> list[tuple[str, bytes]]:
    """(file name, JPEG) of six scenes, landscape and portrait, each larger than the largest rendition."""
    scenes: list[tuple[str, Callable[[], Canvas]]] = [
        ("Rīts pie jūras.jpg", lambda: _sea(WIDTH, HEIGHT, 1)),
        ("Priežu mežs.jpg", lambda: _forest(WIDTH, HEIGHT, 2)),
        ("Vakara pļava.jpg", lambda: _meadow(WIDTH, HEIGHT, 3)),
        ("Kāpas.jpg", lambda: _dunes(HEIGHT, WIDTH, 4)),
        ("Ziema.jpg", lambda: _forest(HEIGHT, WIDTH, 5)),
        ("Ezers.jpg", lambda: _sea(WIDTH, HEIGHT, 6)),
    ]
    return [(name, _jpeg(draw())) for name, draw in scenes]


def brighter(photograph: bytes) -> bytes:
    """The same scene with more light, as a second version of it."""
    with Image.open(io.BytesIO(photograph)) as picture:
        return _jpeg(np.asarray(picture, np.float32) * 1.25 + 12)


def brochure() -> tuple[str, bytes]:
    """A two-page PDF of pictures and blocks, as a designer's proof looks from afar."""
    pages = [_page(seed) for seed in (7, 8)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=110)
    return "Brošūra.pdf", buffer.getvalue()


def sources() -> tuple[str, bytes]:
    """A ZIP that stands for editable files; no picture can be made of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logo/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>")
        archive.writestr("readme.txt", "Editable files.\n" * 200)
    return "Avoti.zip", buffer.getvalue()


def _jpeg(canvas: Canvas) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _rgb(red: float, green: float, blue: float) -> Canvas:
    return np.array((red, green, blue), np.float32)


def _sky(width: int, height: int, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Canvas:
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    colours = _rgb(*top) * (1 - down) + _rgb(*bottom) * down
    return np.repeat(colours, width, axis=1)


def _noise(rng: np.random.Generator, width: int, height: int, scale: int) -> Canvas:
    """A smooth random field of about unit range with features ``scale`` pixels wide."""
    small = rng.standard_normal((height // scale + 3, width // scale + 3)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _clouds(rng: np.random.Generator, sky: Canvas, share: float) -> Canvas:
    height, width = sky.shape[:2]
    field = sum(_noise(rng, width, height, s) * w for s, w in ((400, 1.0), (160, 0.5), (60, 0.25)))
    veil = np.clip((field - 0.4) * share, 0, 0.8)[..., None]
    return np.asarray(sky * (1 - veil) + _rgb(255, 250, 245) * veil, np.float32)


def _grain(rng: np.random.Generator, canvas: Canvas) -> Canvas:
    return canvas + rng.normal(0, 3, canvas.shape[:2])[..., None].astype(np.float32)


def _sea(width: int, height: int, seed: int) -> Canvas:
    rng = np.random.default_rng(seed)
    canvas = _clouds(rng, _sky(width, height, (88, 128, 178), (250, 214, 178)), 0.8)
    shore = int(height * 0.56)
    cv2.circle(canvas, (int(width * 0.68), shore - height // 9), height // 16, (255, 240, 214), -1, cv2.LINE_AA)
    water = canvas[max(0, 2 * shore - height) : shore][::-1] * _rgb(0.62, 0.72, 0.84)
    waves = _noise(rng, width, height - shore, 14) * 12 + _noise(rng, width, height - shore, 50) * 10
    canvas[shore:] = water[: height - shore] + waves[..., None]
    beach = int(height * 0.88)
    edge = beach + 30 * np.sin(np.linspace(0, 7, width)) + 12 * np.sin(np.linspace(0, 29, width))
    sand = np.arange(height)[:, None] > edge[None, :]
    canvas[sand] = _rgb(206, 184, 150)
    return _grain(rng, canvas)


def _forest(width: int, height: int, seed: int) -> Canvas:
    rng = np.random.default_rng(seed)
    canvas = _clouds(rng, _sky(width, height, (168, 196, 206), (236, 238, 226)), 0.5)
    for depth in np.linspace(0.25, 1, 5):
        tone = _rgb(60, 92, 70) * (1.25 - depth) + _rgb(24, 44, 36) * depth
        for x in rng.uniform(0, width, int(26 / depth) + 8):
            _pine(canvas, float(x), height * (0.56 + 0.5 * depth), height * 0.5 * depth * rng.uniform(0.7, 1.2), tone)
    canvas[int(height * 0.93) :] *= 0.7
    return _grain(rng, canvas)


def _pine(canvas: Canvas, x: float, foot: float, tall: float, tone: Canvas) -> None:
    colour = tuple(float(c) for c in tone)
    for step in range(7):
        top, wide = foot - tall * (1 - step / 8), tall * 0.05 * (step + 1.5)
        points = np.array([[x, top], [x - wide, top + tall / 4], [x + wide, top + tall / 4]], np.int32)
        cv2.fillPoly(canvas, [points], colour, cv2.LINE_AA)
    cv2.line(canvas, (int(x), int(foot - tall / 6)), (int(x), int(foot)), (58, 46, 38), max(2, int(tall / 60)))


def _meadow(width: int, height: int, seed: int) -> Canvas:
    rng = np.random.default_rng(seed)
    canvas = _clouds(rng, _sky(width, height, (108, 116, 168), (252, 196, 140)), 0.9)
    horizon = int(height * 0.55)
    canvas[horizon:] = _sky(width, height - horizon, (150, 150, 70), (58, 84, 40))
    canvas[horizon:] += (_noise(rng, width, height - horizon, 24) * 10)[..., None]
    for _flower in range(1400):
        y = int(horizon + (height - horizon) * rng.power(2.2))
        size = 1 + int(9 * (y - horizon) / (height - horizon))
        colour = ((236, 226, 120), (240, 240, 244), (214, 96, 110), (150, 110, 190))[int(rng.integers(4))]
        cv2.circle(canvas, (int(rng.uniform(0, width)), y), size, colour, -1, cv2.LINE_AA)
    return _grain(rng, canvas)


def _dunes(width: int, height: int, seed: int) -> Canvas:
    rng = np.random.default_rng(seed)
    canvas = _sky(width, height, (70, 120, 180), (230, 226, 214))
    across, rows = np.linspace(0, 1, width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    for number, level in enumerate(np.linspace(0.42, 0.9, 5)):
        crest = height * (level + 0.07 * np.sin(3 * across + number * 2.1) + 0.015 * np.sin(17 * across + number))
        below = rows - crest[None, :]
        shade = _rgb(226, 196, 150) * (0.72 + 0.28 * np.exp(-np.clip(below, 0, None) / 260))[..., None]
        ripples = 7 * np.sin(rows / 9 + 40 * across[None, :] + number)
        canvas = np.where((below > 0)[..., None], shade + ripples[..., None], canvas)
    return _grain(rng, canvas.astype(np.float32))


def _page(seed: int) -> Image.Image:
    page = Image.new("RGB", (910, 1286), "white")
    draw = ImageDraw.Draw(page)
    scene = _meadow(750, 480, seed) if seed % 2 else _sea(750, 480, seed)
    page.paste(Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)), (80, 90))
    draw.rectangle((80, 610, 500, 650), fill=(34, 60, 80))
    for line in range(14):
        draw.rectangle((80, 690 + line * 34, 830 - (line * 97) % 260, 702 + line * 34), fill=(178, 184, 190))
    return page
