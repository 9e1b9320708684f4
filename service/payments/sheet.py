"""A PDF of headed facts, as receipts and licences are: A4, plain, with words that can be copied and read aloud.

fpdf2 (LGPL-3.0) draws it; the letters come from the DejaVu fonts we ship, embedded, so that every reader shows Latvian as
it is written.
"""

from __future__ import annotations

from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from service.kit import translate
from watermark.visible.fonts import SHIPPED

FONT, SMALL, BODY, LARGE = "DejaVu", 9, 10.5, 20
_LABEL, LINE = 55, 6.5  # mm


def new_sheet(title: str, subtitle: str, at: datetime) -> FPDF:
    """A first page with its head, in the current locale; ``at`` is the moment that the PDF gives as its own."""
    pdf = FPDF()
    pdf.set_margin(22)
    pdf.set_auto_page_break(auto=True, margin=20)
    pdf.add_font(FONT, "", str(SHIPPED / "DejaVuSans.ttf"))
    pdf.add_font(FONT, "B", str(SHIPPED / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(at)
    pdf.set_lang(translate.current())
    pdf.set_title(title)
    pdf.add_page()
    line(pdf, title, size=LARGE, bold=True, height=12)
    line(pdf, subtitle, size=12)
    pdf.ln(6)
    return pdf


def heading(pdf: FPDF, text: str) -> None:
    """A heading within the sheet."""
    pdf.ln(4)
    line(pdf, text, size=12, bold=True, height=9)


def line(pdf: FPDF, text: str, *, size: float = BODY, bold: bool = False, height: float = LINE) -> None:
    """A paragraph over the whole width."""
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def fact(pdf: FPDF, label: str, value: str, *, bold: bool = False) -> None:
    """A name and what it is."""
    pdf.set_font(FONT, "", BODY)
    pdf.cell(_LABEL, LINE, label)
    pdf.set_font(FONT, "B" if bold else "", BODY)
    pdf.multi_cell(0, LINE, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
