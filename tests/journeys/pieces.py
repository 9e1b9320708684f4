"""How a page looks, told so that it holds on a machine with other fonts: its pieces, where each stands and its mean colour.

A piece is what has a place of its own on a page (a section, a picture, a field, a button). Two looks are the same when the same
pieces come in the same order and each stands about where it stood, about as large, in about the same mean colour. Found is a
stylesheet or picture that is lost, a panel that is hidden or new, another colour or layout; not found are other words of
the same length, a shift of a few pixels, and how letters' edges are drawn.
"""

from __future__ import annotations

import difflib
import io
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

Piece = list[Any]
"""[name, left, width, height, red, green, blue]: CSS pixels of the page, and 0 to 255."""
WIDE = 0.06
"""Of the screen's width: how far off a piece may begin or end."""
TALL, TALL_PIXELS = 0.3, 40
"""More or fewer lines of other letters."""
FIXED = ("section", "main", "header", "footer", "nav", "form", "table", "fieldset", "img")
"""Pieces whose width hangs on the screen's and not on the words within."""
LEVELS = 22
MOST_TOLD = 12
PIECES = """() => {
  const wanted = "header, nav, main, footer, h1, h2, section, form, fieldset, table, dl, ul, ol, details, img, svg, iframe, "
    + ".panel, .button, input, select, textarea";
  const found = [];
  for (const e of document.querySelectorAll(wanted)) {
    const box = e.getBoundingClientRect();
    if (box.width < 4 || box.height < 4 || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    found.push([[e.localName, ...[...e.classList].slice(0, 1)].join("."), box.left, box.top, box.width, box.height]);
  }
  return found;
}"""


def look_of(page: Page) -> list[Piece]:
    """The pieces of the page that is open, which is made as tall as it needs: so nothing lies over anything else."""
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": size["width"], "height": page.evaluate("document.documentElement.scrollHeight")})
    for picture in page.locator("img:visible").all():
        expect(picture).to_have_js_property("complete", True)
    expect(page.locator("canvas.blur")).to_have_count(0)
    told = page.evaluate(PIECES)
    shown = page.screenshot(animations="disabled")
    page.set_viewport_size(size)
    return read_pieces(told, shown)


def read_pieces(told: list[Any], png: bytes) -> list[Piece]:
    """The pieces with the mean colour that each has on the picture of the page."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=float)
    found = []
    for name, left, top, width, height in told:
        part = pixels[max(0, round(top)) : round(top + height), max(0, round(left)) : round(left + width)]
        colour = part.reshape(-1, 3).mean(axis=0) if part.size else np.zeros(3)
        found.append([name, *(round(value) for value in (left, width, height, *colour))])
    return found


def differences(now: list[Piece], then: list[Piece], screen: int) -> list[str]:
    """What is not as it was, in words; empty where it is. ``screen`` is the width in pixels."""
    names = [[piece[0] for piece in look] for look in (then, now)]
    found = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, *names, autojunk=False).get_opcodes():
        if what == "equal":
            found += [
                change for one, other in zip(then[a:b], now[c:d], strict=True) for change in _moved(one, other, screen)
            ]
        else:
            found.append(f"{names[0][a:b]} became {names[1][c:d]}")
    return found[:MOST_TOLD]


def _moved(then: Piece, now: Piece, screen: int) -> list[str]:
    name, left, width, height, *colour = now
    found = []
    if name.partition(".")[0] in FIXED and max(abs(left - then[1]), abs(width - then[2])) > WIDE * screen:
        found.append(f"{name} lies at {left} px and is {width} wide, not {then[1]} and {then[2]}")
    if abs(height - then[3]) > TALL_PIXELS + TALL * then[3]:
        found.append(f"{name} is {height} px high, not {then[3]}")
    if max(abs(one - other) for one, other in zip(colour, then[4:], strict=True)) > LEVELS:
        found.append(f"{name} has the mean colour {colour}, not {then[4:]}")
    return found
