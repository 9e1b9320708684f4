"""Pages: Jinja templates of each domain, with the words, dates and money of the reader's language.

A template is named ``<domain>/<name>.html`` and lies in ``service/<domain>/templates/``; shared pieces lie in
``service/templates/``. Autoescape is always on.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from service.kit import translate
from service.kit.money import Money
from service.kit.tokens import BadToken
from service.web.csrf import PURPOSE as CSRF
from service.web.csrf import cookie_name, csrf_token, drop_cookie, set_cookie

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
FLASH = "flash"


@cache
def environment() -> Environment:
    """The one template environment. StrictUndefined: a misspelt name fails a test, not a reader."""
    domains = {p.parent.name: FileSystemLoader(p) for p in ROOT.glob("*/templates")}
    env = Environment(
        loader=ChoiceLoader([PrefixLoader(domains), FileSystemLoader(ROOT / "templates")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(translate._, translate.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static_url=static_url,
        locales=translate.LOCALES,
        language_name=translate.language_name,
        language_options=translate.language_options,
        current_locale=translate.current,
    )
    env.filters.update(
        date=translate.shown_date,
        time=translate.shown_time,
        size=translate.shown_size,
        number=translate.shown_number,
        money=shown_money,
        iban=shown_iban,
    )
    return env


def shown_money(value: Money) -> str:
    """Money as the reader writes it."""
    return value.shown(translate.current())


def shown_iban(iban: str) -> str:
    """An IBAN in groups of four, as it is printed (ISO 13616)."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


@cache
def static_url(path: str) -> str:
    """The address of a static file with a hash of its content, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page. ``request.state.member`` and ``.studio`` are there for the layout when somebody is signed in."""
    values = {
        "request": request,
        "member": getattr(request.state, "member", None),
        "studio": getattr(request.state, "studio", None),
        "csrf_token": csrf_token(request),
        "flash": take_flash(request),
        "mail_leaves": request.app.state.wiring.mail_leaves,
        **context,
    }
    response = HTMLResponse(environment().get_template(template).render(values), status, headers)
    response.headers["Content-Language"] = translate.current()
    new_seed = getattr(request.state, "new_csrf", None)
    if new_seed:
        set_cookie(request, response, CSRF, new_seed, max_age=30 * 86400)
    if values["flash"]:
        drop_cookie(request, response, FLASH)
    return response


def redirect(request: Request, path: str, *, flash: str = "", kind: str = "done", undo: str = "") -> RedirectResponse:
    """See ``path`` next (303), with a message on that page. ``kind``: done | problem. ``path`` is one of ours, and so is
    ``undo``: a button beside the message posts to it. The message stands at the top: a problem, and what can be undone, must be
    seen, so they lead there and not to a part further down."""
    response = RedirectResponse(path.partition("#")[0] if kind == "problem" or undo else path, 303)
    if flash:
        signed = request.app.state.wiring.signer.sign(FLASH, {"kind": kind, "text": flash, "undo": undo})
        set_cookie(request, response, FLASH, signed, max_age=60)
    return response


def take_flash(request: Request) -> dict[str, str] | None:
    """The message that the previous page left, or None."""
    signed = request.cookies.get(cookie_name(request, FLASH))
    if not signed:
        return None
    try:
        value = request.app.state.wiring.signer.read(FLASH, signed)
    except BadToken:
        return None
    return value if isinstance(value, dict) else None
