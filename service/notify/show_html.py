"""An e-mail's HTML as a page for a frame: nothing in it leads anywhere or loads anything, and it needs no ``unsafe-inline``.

E-mails carry their style in attributes, which a content security policy lets through only by ``unsafe-inline``. So each such
attribute becomes a rule of a stylesheet, and the policy names every stylesheet by its digest.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from html.parser import HTMLParser

DARK = "@media (prefers-color-scheme: dark)"
_VOID = {"br", "hr", "img", "meta", "link"}
_DROPPED = {"href", "target", "src"}
Attributes = list[tuple[str, str | None]]


def show_html(page: str, *, dark: bool) -> tuple[str, str]:
    """(document, content security policy) of an e-mail's HTML, in the light or in the dark whatever the browser has."""
    reader = _Reader(dark)
    reader.feed(page)
    reader.close()
    return reader.document(), policy_of(reader.sheets)


def policy_of(sheets: list[str]) -> str:
    """Lets these stylesheets through and nothing else, in a frame of ours and without scripts, forms or an origin."""
    digests = [base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    styles = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    kept = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    return f"{kept}; sandbox"


class _Reader(HTMLParser):
    """Writes what it reads, but for comments, addresses and style attributes."""

    def __init__(self, dark: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[str] = []
        self._dark = dark
        self._rules: dict[str, str] = {}
        self._head: list[str] = []
        self._written: list[str] = []
        self._sheet: list[str] | None = None

    def document(self) -> str:
        """What was read; the style attributes' rules stand last in its head and outweigh the others, as they did."""
        rules = "".join(f".{name}.{name}.{name}{{{style}}}" for style, name in self._rules.items())
        self.sheets.append(rules)
        return f"<!doctype html>{''.join(self._head)}<style>{rules}</style>{''.join(self._written)}"

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "meta" and "http-equiv" in dict(attrs):
            return
        if tag == "style":
            self._sheet = []
        self._written.append(f"<{tag}{self._attributes(attrs)}>")

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._sheet is not None:
            sheet = "".join(self._sheet).replace(DARK, "@media all" if self._dark else "@media not all")
            self.sheets.append(sheet)
            self._written.append(sheet)
            self._sheet = None
        if tag == "head":
            self._head, self._written = self._written, []
        if tag not in _VOID:
            self._written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._sheet is None:
            self._written.append(escape(data, quote=False))
        else:
            self._sheet.append(data)

    def _attributes(self, attrs: Attributes) -> str:
        given = {name: value or "" for name, value in attrs if name not in _DROPPED and not name.startswith("on")}
        style = given.pop("style", "")
        if style and not set(style) & set("{}<>"):
            name = self._rules.setdefault(style, f"own-{len(self._rules) + 1}")
            given["class"] = f"{given.get('class', '')} {name}".strip()
        return "".join(f' {name}="{escape(value)}"' for name, value in given.items())
