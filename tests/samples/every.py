"""Every sample, one or more of each format that is rendered: the lists that tables, mutators and tests share."""

from __future__ import annotations

import io

import numpy as np
import tifffile
from PIL import Image

from tests.originals import plain_pdf
from tests.samples import drawings, raw
from tests.samples.fonts import packings
from tests.samples.heic import SIZE, heic
from tests.samples.jpeg_xl import boxed, jpeg_xl
from tests.samples.moving import FILMS, SOUNDS, film_sample, moving, sound_sample
from tests.samples.office import office
from tests.samples.older_office import STREAMS, older
from tests.samples.raw_makers import by_makers
from tests.samples.scene import Sample, saved, scene
from watermark.steps.flatten import GROUND
from watermark.steps.lay_strip import GAP, frame_numbers

_RASTER = {
    "JPEG": ("jpg", "image/jpeg", {"quality": 92}, 0.95),
    "PNG": ("png", "image/png", {}, 0.98),
    "WebP": ("webp", "image/webp", {"quality": 92}, 0.95),
    "AVIF": ("avif", "image/avif", {"quality": 85}, 0.95),
    "TIFF": ("tif", "image/tiff", {"compression": "tiff_lzw"}, 0.98),
    "BMP": ("bmp", "image/bmp", {}, 0.98),
    "JPEG2000": ("jp2", "image/jp2", {"quality_mode": "dB", "quality_layers": [42]}, 0.95),
    "PPM": ("ppm", "image/x-portable-anymap", {}, 0.98),
    "QOI": ("qoi", "image/qoi", {}, 0.98),
    "GIF": ("gif", "image/gif", {}, 0.9),
    "ICO": ("ico", "image/x-icon", {"sizes": [(256, 256)]}, 0.97),
}
_SHOWN_AS = {"JPEG2000": "JPEG 2000", "PPM": "PNM"}


def every_sample() -> list[Sample]:
    """One of each renderer's and more, in no order that matters; each is a few kilobytes up to half a megabyte. What outside
    programs read takes seconds, so of films, sounds and office documents there are two, one and one."""
    return [*pictures(), *deep_pictures(), *camera(), *documents(), *packings(), *moving()]


def all_kinds() -> list[Sample]:
    """Every kind of file that the README's table names, films, sounds and office documents each."""
    seen = {sample.filename for sample in every_sample()}
    more = [*(film_sample(kind) for kind in FILMS), *(sound_sample(kind) for kind in SOUNDS), *office()]
    more += [older(ending) for ending in STREAMS]
    more += [Sample("JPEG XL", "a.jxl", jpeg_xl(), "image/jxl", scene(), 0.97)]
    more += [Sample("JPEG XL", "boxed.jxl", boxed(jpeg_xl()), "image/jxl", scene(), 0.97)]
    return [*every_sample(), *(sample for sample in more if sample.filename not in seen)]


def pictures() -> list[Sample]:
    """What Pillow writes, and HEIC."""
    found = []
    for kind, (ending, media_type, options, least) in _RASTER.items():
        drawn = scene(256, 256) if kind == "ICO" else scene()
        content = saved(Image.fromarray(drawn), kind, **options)
        found.append(Sample(_SHOWN_AS.get(kind, kind), f"a.{ending}", content, media_type, drawn, least))
    found.append(Sample("HEIC", "a.heic", heic(), "image/heic", scene(*SIZE), 0.93))
    other = heic().replace(b"ftypheic", b"ftypmif1", 1)
    found.append(Sample("HEIF", "a.heif", other, "image/heif", scene(*SIZE), 0.93))
    return found


def deep_pictures() -> list[Sample]:
    """Sixteen bits, ink, pages, animations."""
    out = io.BytesIO()
    tifffile.imwrite(out, scene().astype(np.uint16) * 257, photometric="rgb", metadata=None)
    drawn = [np.roll(scene(240, 160), 12 * n, axis=1) for n in range(8)]
    frames = [Image.fromarray(one) for one in drawn]
    moving = {"save_all": True, "append_images": frames[1:], "duration": 80}
    gap = np.full((160, GAP, 3), GROUND, np.uint8)
    strip = np.hstack([part for n in frame_numbers(8, 240 * 160) for part in (drawn[n], gap)][:-1])
    pages = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:3], compression="tiff_lzw")
    first = scene(240, 160)
    return [
        Sample("TIFF", "deep.tif", out.getvalue(), "image/tiff", scene(), 0.98),
        Sample("TIFF", "pages.tif", pages, "image/tiff", first, 0.97, tuple(drawn[1:3])),
        Sample("GIF", "moving.gif", saved(frames[0], "GIF", **moving), "image/gif", first, 0.9, (strip,)),
        Sample(
            "WebP", "moving.webp", saved(frames[0], "WEBP", quality=92, **moving), "image/webp", first, 0.92, (strip,)
        ),
    ]


def camera() -> list[Sample]:
    """Raw: developed, and by the camera's own JPEG."""
    exchanged = np.ascontiguousarray(scene()[:, :, ::-1])
    return [
        Sample("DNG", "a.dng", raw.dng(), "image/x-adobe-dng", scene(), 0.93),
        Sample("DNG", "with-jpeg.dng", raw.large_dng(), "image/x-adobe-dng", exchanged, 0.95),
        *by_makers(),
    ]


def documents() -> list[Sample]:
    """Photoshop, drawings, PDF, fonts, archives."""
    drawing, looks = drawings.svg()
    psd = "image/vnd.adobe.photoshop"
    return [
        Sample("PSD", "a.psd", drawings.psd(), psd, scene(), 0.98),
        Sample("PSD", "deep.psd", drawings.psd(depth=16), psd, scene(), 0.98),
        Sample("PSB", "a.psb", drawings.psd(version=2), psd, scene(), 0.98),
        Sample("SVG", "a.svg", drawing, "image/svg+xml", looks, 0.99),
        Sample("EPS", "a.eps", drawings.eps(), "image/x-eps", scene(), 0.98),
        Sample("PDF", "a.pdf", picture_pdf(), "application/pdf", scene(960, 640), 0.95),
        Sample("AI", "a.ai", picture_pdf(), "application/pdf", scene(960, 640), 0.95),
        Sample("PDF", "words.pdf", plain_pdf(["one", "two"]), "application/pdf"),
        Sample("TTF", "a.ttf", drawings.font(), "font/ttf"),
        Sample("ZIP", "a.zip", drawings.archive(), "application/zip"),
    ]


def picture_pdf() -> bytes:
    """One page, all of it a picture."""
    return saved(Image.fromarray(scene(960, 640)), "PDF", resolution=72, quality=92)
