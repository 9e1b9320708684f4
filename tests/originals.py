"""Originals made for tests: pictures and documents that carry canaries where real ones carry secrets.

A canary is a string that exists nowhere else. If one is ever seen in an answer to somebody who has not paid,
something of the original got out.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter

from tests.samples import moving

CANARY = "TILLPAID-CANARY"


@dataclass(frozen=True)
class Original:
    """A file as a studio would upload it. ``secrets`` are the strings that must not get out before payment;
    its name is told to the client on purpose, so a canary in the name is checked only where names are hidden."""

    filename: str
    content: bytes
    secrets: tuple[bytes, ...]


def photograph(width: int = 640, height: int = 480, seed: int = 7) -> Image.Image:
    """A drawn picture with the statistics of a photograph: a sky, hills, grain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    sky = np.dstack([120 + 80 * y / height, 150 + 60 * y / height, 220 - 40 * y / height])
    ridge = height * (0.6 + 0.1 * np.sin(x / width * 9 + seed) + 0.05 * np.sin(x / width * 31))
    ground = np.dstack([60 + 40 * np.sin(x / 17), 110 + 30 * np.cos(y / 11), 50 + 20 * np.sin((x + y) / 23)])
    mixed = np.where((y > ridge)[..., None], ground, sky) + rng.normal(0, 6, (height, width, 1))
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def canary_jpeg(name: str = "kāzas 001.jpg", seed: int = 7, width: int = 2600, height: int = 1700) -> Original:
    """A JPEG larger than the largest rendition, with canaries in EXIF, GPS, XMP, ICC, comment and trailing bytes."""
    marks = {part: f"{CANARY}-{part}-{seed}" for part in ("exif", "gps", "xmp", "comment", "tail")}
    exif = Image.Exif()
    exif[0x010E] = marks["exif"]
    exif.get_ifd(0x8825)[0x001D] = marks["gps"]
    buffer = io.BytesIO()
    photograph(width, height, seed).save(
        buffer,
        "JPEG",
        quality=90,
        exif=exif,
        comment=marks["comment"].encode(),
        xmp=f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{marks['xmp']}</x:xmpmeta>".encode(),
        icc_profile=_profile(f"{CANARY}-icc-{seed}"),
    )
    content = buffer.getvalue() + marks["tail"].encode()
    return Original(name, content, (*tuple(mark.encode() for mark in marks.values()), f"{CANARY}-icc-{seed}".encode()))


def _profile(description: str) -> bytes:
    """A valid sRGB profile with the canary after its end, where readers ignore it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + description.encode()


def canary_png(name: str = "logo.png", seed: int = 8) -> Original:
    """A PNG with transparency and canaries in text chunks."""
    info = PngInfo()
    info.add_text("Comment", f"{CANARY}-png-{seed}")
    info.add_itxt("Description", f"{CANARY}-itxt-{seed}")
    picture = photograph(900, 600, seed).convert("RGBA")
    picture.putalpha(200)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=info)
    return Original(name, buffer.getvalue(), (f"{CANARY}-png-{seed}".encode(), f"{CANARY}-itxt-{seed}".encode()))


def canary_pdf(name: str = "brošūra.pdf", seed: int = 9, pages: int = 2) -> Original:
    """A PDF with a text layer, an attachment and document information, each with a canary."""
    words = f"{CANARY}-text-{seed}"
    writer = PdfWriter(io.BytesIO(plain_pdf([f"{words} page {n + 1}" for n in range(pages)])))
    writer.add_metadata({"/Title": f"{CANARY}-title-{seed}"})
    writer.add_attachment("source.txt", f"{CANARY}-attached-{seed}".encode())
    buffer = io.BytesIO()
    writer.write(buffer)
    secrets = (words, f"{CANARY}-attached-{seed}")
    return Original(name, buffer.getvalue(), tuple(s.encode() for s in secrets))


def plain_pdf(lines: list[str]) -> bytes:
    """A small PDF, one page per line of text, written by hand (ISO 32000-1, 7.5)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for line in lines:
        stream = f"BT /F1 24 Tf 60 700 Td ({line}) Tj ET 80 80 300 200 re f".encode()
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def canary_zip(name: str = "avoti.zip", seed: int = 10) -> Original:
    """A ZIP of sources: no picture can be made of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("layers/secret.txt", f"{CANARY}-zip-{seed} " * 400)
    return Original(name, buffer.getvalue(), (f"{CANARY}-zip-{seed}".encode(),))


def canary_film(name: str = "filma.mp4") -> Original:
    """A film with words in its metadata, a place, and a name for its stream."""
    return Original(name, moving.film(seconds=1.0), _moving_secrets("title", "comment", "handler"))


def canary_sound(name: str = "dziesma.mp3") -> Original:
    return Original(name, moving.sound("MP3", 2.0), _moving_secrets("sound-title", "sound-comment"))


def _moving_secrets(*parts: str) -> tuple[bytes, ...]:
    return (*(f"{moving.CANARY}-{part}".encode() for part in parts), moving.PLACE_AS_KEPT)


def all_originals() -> list[Original]:
    """One of each kind."""
    return [canary_jpeg(), canary_png(), canary_pdf(), canary_zip(), canary_film(), canary_sound()]


def check_pdf_reads(content: bytes) -> int:
    """How many pages a PDF reader finds: the samples themselves must be sound."""
    return len(PdfReader(io.BytesIO(content)).pages)
