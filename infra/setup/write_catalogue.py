"""Brings each language's catalogue up to the messages that the code and the templates hold (`make translations`).

What is already translated stays; a new message comes in empty, one that is gone leaves. Messages are sorted and
carry no line numbers or dates, so that a change of words is all that a diff shows. English is the messages themselves.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "service" / "locale"
# As service/web/templates.py and service/notify/render.py set up Jinja: a trimmed block is another message.
JINJA = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
METHODS = [("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every message in the service, in English, without places."""
    catalogue = Catalog(project="Tillpaid", charset="utf-8", fuzzy=False)
    options = {pattern: JINJA for pattern, method in METHODS if method == "jinja2"}
    found = extract_from_dir(ROOT / "service", METHODS, options, KEYWORDS)
    for _path, _line, message, _comments, _context in found:
        catalogue.add(message)
    return catalogue


def updated(locale: str, template: Catalog) -> Catalog:
    """The catalogue of ``locale`` with exactly the messages of ``template`` and what was translated of them.

    The rule for plurals is the catalogue's own (CLDR's, a test holds it to that); gettext's usual one, which Babel
    would write, knows no Latvian zero form for 10 to 19.
    """
    path = catalogue_path(locale)
    catalogue = Catalog(locale=locale, project="Tillpaid", charset="utf-8", fuzzy=False)
    if path.is_file():
        kept = read_po(io.BytesIO(path.read_bytes()), locale=locale)
        catalogue.mime_headers = [("Plural-Forms", kept.plural_forms)]
        for message in template:
            old = kept.get(message.id)
            if message.id and old is not None:
                catalogue.add(message.id, old.string)
    for message in template:
        if message.id and message.id not in catalogue:
            catalogue.add(message.id)
    return catalogue


def catalogue_path(locale: str) -> Path:
    return LOCALES / locale / "LC_MESSAGES" / "messages.po"


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a .po file. Babel's own header would carry today's date and its version."""
    header = (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalogue, width=120, no_location=True, omit_header=True, sort_output=True)
    return header.encode() + body.getvalue().strip() + b"\n"


def main() -> int:
    template = extracted()
    for folder in sorted(path for path in LOCALES.iterdir() if path.is_dir()):
        catalogue = updated(folder.name, template)
        catalogue_path(folder.name).write_bytes(written(catalogue))
        empty = sum(1 for message in catalogue if message.id and not _translated(message.string))
        print(f"{folder.name}: {len(catalogue)} messages, {empty} to translate")
    return 0


def _translated(string: str | list[str] | tuple[str, ...] | None) -> bool:
    forms = [string] if isinstance(string, str) else string
    return bool(forms) and all(forms or ())


if __name__ == "__main__":
    sys.exit(main())
