"""Settings: the words of e-mails to clients, for each kind and language, with a preview."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from service.accounts.change_email_text import change_email_text, reset_email_text, tidy
from service.accounts.pages.wrong import wrong
from service.accounts.who import SignedIn, Who
from service.db import Tx
from service.errors import BadInput, NotFound
from service.kit import translate
from service.kit.money import Money
from service.kit.translate import LOCALES, N_, _, shown_date, using
from service.notify import repository
from service.notify.own_text import KINDS, check_text, fill, names_of, ours
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.headers import CSP
from service.web.templates import redirect, render
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
NAMES = {
    "studio": N_("the name of your studio"),
    "client": N_("the client's name"),
    "title": N_("what you hand over"),
    "amount": N_("the amount"),
    "open": N_("what is still owed"),
    "due": N_("the day payment is due, if there is one"),
    "expires": N_("the day the link ends, if it does"),
    "reference": N_("the payment reference"),
    "link": N_("the client's link"),
    "days": N_("how many days downloads stay open"),
}


@router.get("/settings/emails")
def emails(request: Request, tx: TxDep, who: SignedIn) -> Response:
    """Every kind in every language, and which of them the studio words itself."""
    own = repository.texts_of(tx, who.studio.id)
    return render(request, "accounts/settings/emails.html", kinds=KINDS, own=own)


@router.get("/settings/emails/{kind}")
def email(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    kind: str,
    language: Annotated[str, Query(alias="for", max_length=10)] = "",
) -> Response:
    """One kind in one language: its words and how they come out."""
    locale = known(kind, language or translate.current())
    own = repository.text_of(tx, who.studio.id, kind, locale)
    subject, body = (own.subject, own.body) if own else ours(kind, locale)
    return _page(request, tx, wiring, who, kind, locale, (subject, body))


@router.post("/settings/emails/{kind}")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    kind: str,
    language: Annotated[str, Form(alias="for", max_length=10)] = "",
    subject: Annotated[str, Form(max_length=1000)] = "",
    body: Annotated[str, Form(max_length=40_000)] = "",
    action: Annotated[str, Form(max_length=10)] = "save",
) -> Response:
    """Keeps the words; ``action=preview`` only shows them, ``action=reset`` goes back to ours."""
    locale = known(kind, language)
    place = f"/settings/emails/{kind}?for={locale}"
    if action == "reset":
        reset_email_text(tx, wiring, who, kind=kind, locale=locale)
        return redirect(request, place, flash=_("The e-mail has our words again."))
    try:
        if action == "preview":
            check_text(kind, *tidy(subject, body))
            return _page(request, tx, wiring, who, kind, locale, (subject, body))
        changed = change_email_text(tx, wiring, who, kind=kind, locale=locale, subject=subject, body=body)
    except BadInput as error:
        return _page(request, tx, wiring, who, kind, locale, (subject, body), error)
    return redirect(request, place, flash=_("Saved.") if changed else _("Nothing was changed."))


def known(kind: str, locale: str) -> str:
    """The locale; raises NotFound for a kind or language that there is not."""
    if kind not in KINDS or locale not in LOCALES:
        raise NotFound
    return locale


def _page(
    request: Request,
    tx: Tx,
    wiring: Wiring,
    who: Who,
    kind: str,
    locale: str,
    text: tuple[str, str],
    error: BadInput | None = None,
) -> Response:
    shown = None if error else fill(kind, *text, sample_values(wiring, who, locale))
    return render(
        request,
        "accounts/settings/email.html",
        status=error.status if error else 200,
        kind=kind,
        title=KINDS[kind],
        locale=locale,
        subject=text[0],
        body=text[1],
        own=repository.text_of(tx, who.studio.id, kind, locale) is not None,
        names=[(name, NAMES[name]) for name in names_of(kind).all],
        preview=shown,
        wrong=wrong(error),
        headers={"Content-Security-Policy": f"{CSP}; frame-src 'self'"},
    )


def sample_values(wiring: Wiring, who: Who, locale: str) -> dict[str, object]:
    """Values as a delivery might have them."""
    day = wiring.clock().date() + timedelta(days=14)
    with using(locale):
        amount, due = Money(45000, who.studio.currency).shown(locale), shown_date(day)
        title = _("Wedding in Cēsis, 120 pictures")
    link = f"{wiring.settings.web.base_url}/s/…"
    return {
        "studio": who.studio.name,
        "client": "Anna Bērziņa",
        "title": title,
        "amount": amount,
        "open": amount,
        "due": due,
        "expires": due,
        "reference": "RF75765781615",
        "link": link,
        "days": str(who.studio.download_days),
    }
