"""JPEG, PNG, WebP, AVIF, TIFF, GIF and other pictures through Pillow; JPEG pixels through libjpeg-turbo, scaled while
decoding."""

from __future__ import annotations

import mmap
from typing import Final

from PIL import Image, ImageFile, TiffImagePlugin

from watermark.declare import About, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import PROOF_SIDE, Limits
from watermark.pipeline import Deadline, Frame
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind
from watermark.steps.colour_box import heif_profile, jp2_profile
from watermark.steps.decode_jpeg import decode_jpeg
from watermark.steps.lay_strip import frame_numbers, lay_strip
from watermark.steps.read_strips import read_strips

FORMATS: Final = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/avif": ("AVIF",),
    "image/tiff": ("TIFF",),
    "image/gif": ("GIF",),
    "image/bmp": ("BMP",),
    "image/jp2": ("JPEG2000",),
    "image/x-portable-anymap": ("PPM",),
    "image/qoi": ("QOI",),
    "image/x-icon": ("ICO",),
}
BYTES_PER_PIXEL: Final = {"image/webp": 12, "image/gif": 9, "image/avif": 12, "image/jp2": 20}
"""Peak while decoding, for formats that hold more than Pillow's four bytes a pixel; measured."""
UNREAD: Final = {"JPEG2000": jp2_profile, "HEIF": heif_profile, "AVIF": heif_profile}
"""Where colours are told of in a place that Pillow does not read."""
PROGRESSIVE_BYTES: Final = 6
"""A progressive JPEG holds all its coefficients, two bytes for each of up to three samples a pixel."""

ORIENTATION: Final = 0x0112
NEW_SUBFILE_TYPE: Final = 254

# Pillow's own cap is looser than ours in memory and only warns at first; ours are checked before every decode.
Image.MAX_IMAGE_PIXELS = None


class RasterPages:
    """An open picture; a TIFF may have several pages, and an animation a second one: a strip of its later pictures."""

    def __init__(self, picture: ImageFile.ImageFile, source: Source, limits: Limits) -> None:
        self._picture, self._source, self._limits = picture, source, limits
        self.notes: tuple[str, ...] = ()
        self._frames = [0]
        self._strip: list[int] = []
        if source.media_type == "image/tiff":
            self._frames = tiff_pages(picture)
        elif getattr(picture, "is_animated", False) and source.media_type != "image/jpeg":
            self.notes = ("animated",)
            self._strip = frame_numbers(getattr(picture, "n_frames", 1), picture.width * picture.height)
        self.page_count = len(self._frames) + bool(self._strip)
        self.kind: Kind = "picture" if len(self._frames) == 1 else "document"
        if self.page_count > limits.pages:
            self.notes = (*self.notes, "pages_left_out")
        check_pixels(picture, source.media_type, limits)
        self.size: tuple[int, int] | None = None

    def page(self, number: int, deadline: Deadline) -> Frame:
        """Decode one page. Raises BadSource: `truncated`, `corrupt`, `too_many_pixels`."""
        deadline.check()
        if number > len(self._frames):
            return guarded(lambda: lay_strip(self._picture, self._strip, deadline))
        frame = guarded(lambda: self._decode(self._frames[number - 1]))
        if len(self._frames) == 1:
            width, height = frame.full
            self.size = (height, width) if frame.orientation >= 5 else (width, height)
        return frame

    def _decode(self, index: int) -> Frame:
        picture = self._picture
        if index != picture.tell():
            picture.seek(index)
        check_pixels(picture, self._source.media_type, self._limits)
        frame = self._decode_scaled() if picture.format in ("JPEG", "MPO") else None
        return frame or self._decode_whole()

    def _decode_scaled(self) -> Frame | None:
        """None if libjpeg-turbo alone can't: four channels, or a warning that Pillow is to judge."""
        picture, file = self._picture, self._source.file
        icc, turned = picture.info.get("icc_profile"), orientation(picture)
        try:
            with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
                pixels, space = decode_jpeg(data, *picture.size)
        except ValueError:
            return None
        return Frame(pixels, picture.size, space, icc, turned)

    def _decode_whole(self) -> Frame:
        picture = self._picture
        full = picture.size
        if picture.format in ("JPEG", "MPO"):
            picture.draft(None, (PROOF_SIDE, PROOF_SIDE))
        # Before loading: Pillow turns a TIFF upright itself and forgets the tag. Others may carry it after the pixels.
        upright = picture.format == "TIFF"
        picture.load()
        if upright:
            full = picture.size
        icc, jp2 = picture.info.get("icc_profile"), picture.format == "JPEG2000"
        if picture.format in UNREAD:
            icc = icc or UNREAD[picture.format](self._source.file)
        ink = jp2 and icc is not None and icc[16:20] == b"CMYK" and picture.mode == "RGBA"  # as Pillow takes any four
        pixels, space, scaled = read_strips(Image.frombytes("CMYK", full, picture.tobytes()) if ink else picture)
        notes = ("tones_scaled",) if scaled else ()
        return Frame(pixels, full, space, icc, 1 if upright else orientation(picture), notes)


class RasterRenderer:
    about = About(
        files="JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP, JPEG 2000, PNM, QOI, ICO",
        shown="marked pictures; a TIFF's pages; of an animation the first picture and a strip of later ones",
        cap="150 megapixels (JPEG 400; GIF 89, WebP and AVIF 67, JPEG 2000 40)",
        media_types=frozenset(FORMATS),
        signatures=(
            signature("image/jpeg", {0: b"\xff\xd8\xff"}),
            signature("image/png", {0: b"\x89PNG\r\n\x1a\n"}),
            signature("image/gif", {0: b"GIF87a"}),
            signature("image/gif", {0: b"GIF89a"}),
            signature("image/tiff", {0: b"II*\0"}),
            signature("image/tiff", {0: b"MM\0*"}),
            signature("image/tiff", {0: b"II+\0"}),
            signature("image/tiff", {0: b"MM\0+"}),
            signature("image/webp", {0: b"RIFF", 8: b"WEBP"}),
            signature("image/avif", {4: b"ftypavif"}),
            signature("image/avif", {4: b"ftypavis"}),
            signature("image/bmp", {0: b"BM", 6: b"\0\0\0\0"}),
            signature("image/jp2", {0: b"\0\0\0\x0cjP  "}),
            signature("image/jp2", {0: b"\xff\x4f\xff\x51"}),
            signature("image/qoi", {0: b"qoif"}),
            signature("image/x-icon", {0: b"\0\0\1\0", 5: b"\0"}),
            *(signature("image/x-portable-anymap", {0: b"P%d\n" % number}) for number in range(1, 7)),
        ),
        suffixes=suffixes(
            {
                **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
                **dict.fromkeys(("tif", "tiff"), "image/tiff"),
                **dict.fromkeys(("jp2", "j2k", "jpx"), "image/jp2"),
                **dict.fromkeys(("pnm", "ppm", "pgm", "pbm"), "image/x-portable-anymap"),
                **{name: f"image/{name}" for name in ("png", "gif", "webp", "avif", "bmp", "qoi")},
                "ico": "image/x-icon",
            }
        ),
    )

    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the header. Raises BadSource: `corrupt`, `truncated`, `too_many_pixels`."""
        return guarded(lambda: self._open(source, limits))

    def _open(self, source: Source, limits: Limits) -> RasterPages:
        picture = Image.open(source.file, formats=FORMATS[source.media_type])
        return RasterPages(picture, source, limits)


def check_pixels(picture: ImageFile.ImageFile, media_type: str, limits: Limits) -> None:
    """Raise BadSource (`too_many_pixels`) before anything is decoded."""
    pixels = picture.width * picture.height
    cap = limits.raster_pixels
    if media_type == "image/jpeg" and picture.mode != "CMYK":
        cap = limits.jpeg_pixels
        if picture.info.get("progressive"):
            cap = min(cap, limits.memory * 3 // 4 // PROGRESSIVE_BYTES)
    elif media_type in BYTES_PER_PIXEL:
        cap = min(cap, limits.memory * 3 // 4 // BYTES_PER_PIXEL[media_type])
    if pixels > cap:
        raise BadSource(code="too_many_pixels")


def tiff_pages(picture: ImageFile.ImageFile) -> list[int]:
    """Frame numbers of a TIFF's pages, without the reduced copies kept beside them (TIFF 6.0, NewSubfileType bit 0)."""
    count = getattr(picture, "n_frames", 1)
    if count == 1:
        return [0]
    pages = []
    for index in range(count):
        picture.seek(index)
        if isinstance(picture, TiffImagePlugin.TiffImageFile) and int(picture.tag_v2.get(NEW_SUBFILE_TYPE, 0)) & 1:
            continue
        pages.append(index)
    picture.seek(pages[0] if pages else 0)
    return pages or [0]


def orientation(picture: Image.Image) -> int:
    """EXIF tag 274, or 1 where it is missing or nonsense: a broken EXIF block does not make a picture unreadable."""
    try:
        value = picture.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - Pillow raises whatever the bytes lead it to
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


RENDERER = RasterRenderer()
