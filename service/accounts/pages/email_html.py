"""Settings: an e-mail as mail programs show it, for the frame beside its words."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse

from service.accounts.change_email_text import tidy
from service.accounts.pages.emails import known, sample_values
from service.accounts.who import SignedIn, Who
from service.errors import BadInput
from service.kit import translate
from service.kit.translate import _
from service.notify import repository
from service.notify.models import OutboxMessage
from service.notify.own_text import check_text, fill, ours
from service.notify.show_html import policy_of, show_html
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
PLACE = "/settings/emails/{kind}/html"
DARK = "dark"


@router.get(PLACE)
def kept_words(
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    kind: str,
    language: Annotated[str, Query(alias="for", max_length=10)] = "",
    look: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The words in use."""
    locale = known(kind, language or translate.current())
    own = repository.text_of(tx, who.studio.id, kind, locale)
    text = (own.subject, own.body) if own else ours(kind, locale)
    return _shown(wiring, who, kind, locale, text, look)


@router.post(PLACE)
def typed_words(
    wiring: WiringDep,
    who: SignedIn,
    kind: str,
    language: Annotated[str, Form(alias="for", max_length=10)] = "",
    subject: Annotated[str, Form(max_length=1000)] = "",
    body: Annotated[str, Form(max_length=40_000)] = "",
    look: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The words that are being written, which are kept nowhere."""
    locale = known(kind, language)
    try:
        check_text(kind, *tidy(subject, body))
    except BadInput:
        words = escape(_("The preview shows once the text is right."))
        page = f'<!doctype html><html lang="{translate.current()}"><title>{words}</title><p>{words}</p></html>'
        return _in_frame(page, policy_of([]), status=422)
    return _shown(wiring, who, kind, locale, tidy(subject, body), look)


def _shown(wiring: Wiring, who: Who, kind: str, locale: str, text: tuple[str, str], look: str) -> Response:
    from service.notify.as_html import as_html  # noqa: PLC0415 - mjml loads where an e-mail is written

    subject, body = fill(kind, *text, sample_values(wiring, who, locale))
    row = OutboxMessage(kind=kind, locale=locale, subject=subject, body=body)
    return _in_frame(*show_html(as_html(row), dark=look == DARK))


def _in_frame(page: str, policy: str, status: int = 200) -> Response:
    """Only a page of ours may frame it; the sandbox of the policy holds where it is opened by itself, too."""
    headers = {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(page, status, headers)
