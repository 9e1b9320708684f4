"""ZIP: a picture of the tree of names and sizes. Nothing in it is unpacked."""

from __future__ import annotations

import encodings.cp437  # noqa: F401 - names are in it or in UTF-8; the confined child can import nothing
import zipfile
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from watermark.declare import About, signature, suffixes
from watermark.errors import BadSource
from watermark.lettering import INK, PALE, PAPER, own_font, printable, shortened
from watermark.limits import MIB, Limits
from watermark.pipeline import Deadline, Frame
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind

ZIP: Final = "application/zip"
ENTRIES: Final = 100_000
DIRECTORY_BYTES: Final = 48 * MIB
LINES: Final = 60
WIDTH, MARGIN, LINE = 1200, 60, 30
_DEPTH: Final = 12


@dataclass
class Folder:
    """A folder of the archive: what lies in it by name, a file with its size in bytes."""

    folders: dict[str, Folder] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)


class ArchivePage:
    """The archive's table of contents: one page."""

    kind: Kind = "picture"
    page_count = 1
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, names: list[tuple[str, int]]) -> None:
        self._count, self._bytes = len(names), sum(size for _, size in names)
        self._root = _tree(names)

    def page(self, number: int, deadline: Deadline) -> Frame:  # noqa: ARG002 - there is one
        """The listing."""
        deadline.check()
        rows = _rows(self._root, 0)
        shown = rows[:LINES]
        sheet = Image.new("RGB", (WIDTH, 2 * MARGIN + LINE * (len(shown) + 3)), PAPER)
        draw, font = ImageDraw.Draw(sheet), own_font(20)
        draw.text((MARGIN, MARGIN), f"ZIP · {self._count} · {_size(self._bytes)}", INK, own_font(26))
        for place, (depth, name, size) in enumerate(shown):
            down, left = MARGIN + LINE * (place + 2), MARGIN + 28 * min(depth, _DEPTH)
            end = _size(size) if size is not None else ""
            draw.text((left, down), shortened(name, font, WIDTH - left - 200), INK if size is not None else PALE, font)
            draw.text((WIDTH - MARGIN - font.getlength(end), down), end, PALE, font)
        if len(rows) > LINES:
            draw.text((MARGIN, MARGIN + LINE * (LINES + 2)), f"… + {len(rows) - LINES}", PALE, font)
        pixels = np.asarray(sheet)
        return Frame(pixels, full=(pixels.shape[1], pixels.shape[0]))


class ArchiveRenderer:
    about = About(
        files="ZIP",
        shown="a marked picture of the tree of names and sizes, never of the contents",
        cap="100,000 entries; the first 60 lines",
        media_types=frozenset({ZIP}),
        signatures=(signature(ZIP, {0: b"PK\x03\x04"}), signature(ZIP, {0: b"PK\x05\x06"})),
        suffixes=suffixes({"zip": ZIP}),
    )

    def open(self, source: Source, limits: Limits) -> Opened:  # noqa: ARG002 - the contract's signature
        """Read the table of contents. Raises BadSource: `corrupt`, `truncated`, `too_complex`."""
        return guarded(lambda: ArchivePage(table_of_contents(source)))


def table_of_contents(source: Source) -> list[tuple[str, int]]:
    """Names and unpacked sizes (bytes) of the files, as the archive's directory tells them. Raises BadSource."""
    try:
        _check_directory(source)
        with zipfile.ZipFile(source.file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise BadSource(code="truncated") from fault
    return [(entry.filename, entry.file_size) for entry in entries if not entry.is_dir()]


def _check_directory(source: Source) -> None:
    """The end record (APPNOTE 4.3.16) says how much there is to read, before it is read."""
    tail = min(source.size, 66_000)
    source.file.seek(source.size - tail)
    end = source.file.read(tail)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 20:
        raise BadSource(code="truncated")
    count, size = int.from_bytes(end[at + 10 : at + 12], "little"), int.from_bytes(end[at + 12 : at + 16], "little")
    if count > ENTRIES or (size > DIRECTORY_BYTES and size != 0xFFFFFFFF):
        raise BadSource(code="too_complex")
    source.file.seek(0)


def _tree(names: list[tuple[str, int]]) -> Folder:
    root = Folder()
    for name, size in names[:ENTRIES]:
        *above, last = [printable(part, 120) for part in name.replace("\\", "/").split("/") if part] or ["?"]
        folder = root
        for part in above[:_DEPTH]:
            folder = folder.folders.setdefault(part, Folder())
        folder.files[last] = size
    return root


def _rows(folder: Folder, depth: int) -> list[tuple[int, str, int | None]]:
    rows: list[tuple[int, str, int | None]] = []
    for name in sorted(folder.folders):
        rows += [(depth, f"{name}/", None), *_rows(folder.folders[name], depth + 1)]
    return rows + [(depth, name, folder.files[name]) for name in sorted(folder.files)]


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""


RENDERER = ArchiveRenderer()
