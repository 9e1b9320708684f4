"""Office documents: told apart here, made into PDF by LibreOffice (`watermark.outside.office`)."""

from __future__ import annotations

import struct
from typing import Final

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
            return _of_storage(source.file.read(1 << 20))
        head = source.file.read(200)
        if head[30:38] == b"mimetype":  # OpenDocument 1.2, part 3: first, stored, without extra field
            length = int.from_bytes(head[22:26], "little")
            said = head[38 : 38 + min(length, 100)].decode("ascii", "replace")
            return said if said in ENDINGS else None
        source.file.seek(0)
        names = {name for name, _ in table_of_contents(source)}
        return next((kind for part, kind in _PARTS.items() if part in names), None)


def _of_storage(head: bytes) -> str | None:
    """The names in the first sector of the directory (MS-CFB 2.2 and 2.6)."""
    if len(head) < 512:
        return None
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    if shift not in (9, 12):
        return None
    at = (first + 1) << shift
    entries = [head[start : start + 64] for start in range(at, min(at + (4 << shift), len(head)), 128)]
    names = {entry.decode("utf-16-le", "replace").partition("\0")[0] for entry in entries}
    return next((kind for name, kind in _STREAMS.items() if name in names), None)


RENDERER = OfficeRenderer()
