"""Office documents: told apart here, made into PDF by LibreOffice (`watermark.outside.office`)."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from watermark.declare import About, signature, suffixes
from watermark.outside.office import ENDINGS, NEEDS, OPEN_XML
from watermark.renderers.archive import table_of_contents
from watermark.rendering import ReadOutside, Source

_ZIP, _OLE = "application/zip", "application/x-ole-storage"
_PARTS: Final = {
    "word/document.xml": f"{OPEN_XML}.wordprocessingml.document",
    "xl/workbook.xml": f"{OPEN_XML}.spreadsheetml.sheet",
    "ppt/presentation.xml": f"{OPEN_XML}.presentationml.presentation",
}
_STREAMS: Final = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}

NOTHING: Final = 0xFFFFFFFF
TABLES_IN_HEAD: Final = 109
"""The header names so many sectors of the table: enough for files of 7 MB."""
MOST_LINKS: Final = 64
"""More than any file has that is read here (256 MiB)."""
DIRECTORY_SECTORS: Final = 64


class OfficeRenderer(ReadOutside):
    about = About(
        files="office documents: DOCX, XLSX, PPTX, ODT, ODS, ODP, DOC, XLS, PPT, RTF",
        shown="marked pictures of the pages, and a PDF of these pictures to download",
        cap="the first 60 pages (a setting); 256 MiB",
        media_types=frozenset(ENDINGS),
        signatures=(signature("application/rtf", {0: b"{\\rtf"}),),
        suffixes=suffixes({ending: media_type for media_type, ending in ENDINGS.items()}),
        needs=NEEDS,
        heavy=True,
        outside=True,
    )
    containers = frozenset({_ZIP, _OLE})

    def look_inside(self, source: Source) -> str | None:
        """By the parts that the package or storage must have."""
        if source.media_type == _OLE:
            return _of_storage(source.file)
        head = source.file.read(200)
        if head[30:38] == b"mimetype":  # OpenDocument 1.2, part 3: first, stored, without extra field
            length = int.from_bytes(head[22:26], "little")
            said = head[38 : 38 + min(length, 100)].decode("ascii", "replace")
            return said if said in ENDINGS else None
        source.file.seek(0)
        names = {name for name, _ in table_of_contents(source)}
        return next((kind for part, kind in _PARTS.items() if part in names), None)


def _of_storage(file: BinaryIO) -> str | None:
    """By the streams that lie in the root storage (MS-CFB 2.2, 2.3, 2.6): those of a document put into another one lie deeper."""
    head = file.read(512)
    if len(head) < 512:
        return None
    (shift,) = struct.unpack_from("<H", head, 30)
    if shift not in (9, 12):
        return None
    entries = _directory(file, head, 1 << shift)
    names, seen = set(), {NOTHING}
    todo = [_links(entries[0])[2]] if entries else []
    while todo:
        number = todo.pop()
        if number in seen or number >= len(entries):
            continue
        seen.add(number)
        names.add(entries[number][:64].decode("utf-16-le", "replace").partition("\0")[0])
        todo += _links(entries[number])[:2]
    return next((kind for name, kind in _STREAMS.items() if name in names), None)


def _links(entry: bytes) -> tuple[int, int, int]:
    """The numbers of the entry's neighbour before, that behind, and of the first within it."""
    before, behind, within = struct.unpack_from("<III", entry, 68)
    return before, behind, within


def _directory(file: BinaryIO, head: bytes, size: int) -> list[bytes]:
    """Its entries, as far as the first `DIRECTORY_SECTORS`: it lies anywhere in the file, each sector named by the table."""
    (at,) = struct.unpack_from("<I", head, 48)
    found: list[bytes] = []
    for _ in range(DIRECTORY_SECTORS):
        sector = _sector(file, at, size)
        if sector is None:
            break
        found += [sector[start : start + 128] for start in range(0, size, 128)]
        which, place = divmod(at, size // 4)
        table = _sector(file, _table(file, head, size, which), size)
        if table is None:
            break
        (at,) = struct.unpack_from("<I", table, 4 * place)
    return found


def _table(file: BinaryIO, head: bytes, size: int, which: int) -> int:
    """The number of that sector of the table. The header names the first, sectors in a chain the others (MS-CFB 2.5)."""
    if which < TABLES_IN_HEAD:
        return int(struct.unpack_from("<I", head, 76 + 4 * which)[0])
    links, place = divmod(which - TABLES_IN_HEAD, size // 4 - 1)
    (at,) = struct.unpack_from("<I", head, 68)
    for left in range(min(links, MOST_LINKS), -1, -1):
        listed = _sector(file, at, size)
        if listed is None:
            return NOTHING
        (at,) = struct.unpack_from("<I", listed, size - 4 if left else 4 * place)
    return int(at)


def _sector(file: BinaryIO, number: int, size: int) -> bytes | None:
    """None if it is not whole, as of all numbers that stand for no sector."""
    file.seek((number + 1) * size)
    found = file.read(size)
    return found if len(found) == size else None


RENDERER = OfficeRenderer()
