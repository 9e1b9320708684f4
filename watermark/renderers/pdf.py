"""PDF, and Illustrator files that are PDF inside: pages as pictures, through PDFium.

PDFium alone also answers the page count and the password question: one parser of untrusted bytes instead of two, and a
page tree of 10,000 pages is counted in milliseconds.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pypdfium2 as pdfium

from watermark.declare import About, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import PROOF_SIDE, Limits
from watermark.pipeline import Deadline, Frame
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind

MAX_SCALE: Final = 600 / 72
"""Pixels a point (1/72 inch): a page is not drawn finer than 600 dots an inch, however small it is."""

_PASSWORD: Final = 4  # FPDF_ERR_PASSWORD of fpdfview.h


class PdfPages:
    """An open PDF document."""

    kind: Kind = "document"
    size: tuple[int, int] | None = None

    def __init__(self, document: pdfium.PdfDocument, limits: Limits) -> None:
        self._document = document
        self.page_count = len(document)
        self.notes: tuple[str, ...] = ("pages_left_out",) if self.page_count > limits.pages else ()

    def page(self, number: int, deadline: Deadline) -> Frame:
        """Draw one page on white, its long side at the proof's size. Raises BadSource (`corrupt`)."""
        deadline.check()
        return guarded(lambda: self._draw(number))

    def _draw(self, number: int) -> Frame:
        page = self._document[number - 1]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise BadSource(code="corrupt")
        scale = min(PROOF_SIDE / max(width, height), MAX_SCALE)
        bitmap = page.render(scale=scale, rev_byteorder=True, limit_image_cache=True)
        pixels = np.array(bitmap.to_numpy()[:, :, :3])
        bitmap.close()
        page.close()
        return Frame(pixels, full=(pixels.shape[1], pixels.shape[0]))


class PdfRenderer:
    about = About(
        files="PDF; Illustrator files with PDF inside (the usual kind)",
        shown="marked pictures of the pages, and a PDF of these pictures to download",
        cap="the first 60 pages (a setting)",
        media_types=frozenset({"application/pdf"}),
        signatures=(signature("application/pdf", {0: b"%PDF-"}),),
        suffixes=suffixes({"pdf": "application/pdf", "ai": "application/pdf application/postscript"}),
    )

    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the page tree. Raises BadSource: `password_protected`, `no_pages`, `corrupt`."""
        try:
            document = pdfium.PdfDocument(source.file)
        except pdfium.PdfiumError as fault:
            protected = getattr(fault, "err_code", None) == _PASSWORD or "password" in str(fault).lower()
            raise BadSource(code="password_protected" if protected else "corrupt") from fault
        if len(document) == 0:
            raise BadSource(code="no_pages")
        if document.get_formtype():
            document.init_forms()  # else filled-in fields stay blank
        return PdfPages(document, limits)


RENDERER = PdfRenderer()
