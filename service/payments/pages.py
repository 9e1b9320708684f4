"""Recording and reversing payments on the delivery page, and a client's word that one is on its way."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from service.accounts.prove import recently_proved
from service.accounts.who import SignedIn
from service.deliveries import repository as deliveries
from service.errors import BadInput, Conflict, Forbidden, NotFound
from service.kit import translate
from service.kit.translate import N_, _
from service.payments import instalment_pages, reminder_pages, repository
from service.payments.claim_sent import claim_sent
from service.payments.invoice import balance_of
from service.payments.licensed import accepted_through, released_assets
from service.payments.receive import Evidence, Received, receive
from service.payments.reverse import reverse
from service.payments.typed import money_from
from service.shares.address import path_of, token_of
from service.shares.open_link import open_link
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect

router = APIRouter(route_class=PageRoute)
router.include_router(reminder_pages.router)
router.include_router(instalment_pages.router)
Text = Annotated[str, Form(max_length=400)]


@router.post("/deliveries/{delivery_id}/payments")
def record_payment(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    amount: Text,
    currency: Text,
    received_on: Text,
    source_ref: Text,
    then: Annotated[Literal["record", "release"], Form()],
    note: Text = "",
) -> Response:
    """Record a payment; with ``then=release`` a settled invoice releases the originals."""
    recently_proved(who, wiring.clock())
    page = f"/deliveries/{delivery_id}"
    try:
        evidence = Evidence(money_from(amount, currency), _date(received_on), source_ref, note)
        received = receive(
            tx,
            wiring,
            studio_id=who.studio.id,
            delivery_id=delivery_id,
            evidence=evidence,
            actor=who.actor,
            then=then,
        )
    except (BadInput, Conflict) as error:
        return redirect(request, f"{page}#money", flash=shown(error), kind="problem")
    return redirect(request, page, flash=_outcome(received))


@router.post("/s/{token}/payment-sent")
def payment_sent(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The client says the payment is on its way: the studio is told, nothing opens."""
    opened = open_link(tx, wiring, token, request=request, need="page")
    if not opened.unlocked:
        raise Forbidden(N_("This link asks for a passphrase first."), code="passphrase_needed")
    told = claim_sent(tx, wiring, opened)
    words = _("Thank you. %(studio)s was told.") % {"studio": opened.studio.name} if told else ""
    return redirect(request, f"{path_of(token_of(wiring, opened.link))}#pay", flash=words)


@router.api_route("/s/{token}/receipt.pdf", methods=["GET", "HEAD"])
def receipt_pdf(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The receipt, once all is paid and released; until then there is none."""
    opened = open_link(tx, wiring, token, request=request, need="downloads")
    balance, invoice = balance_of(tx, opened.delivery.id), deliveries.invoice_of(tx, opened.delivery.id)
    counted = repository.counted_payments(tx, opened.delivery.id, invoice.currency)
    if opened.delivery.state != "released" or not balance.settled or not counted:
        raise NotFound
    from service.payments.receipt import Paid, receipt  # noqa: PLC0415 - 40 MB that most requests have no use for

    content = receipt(Paid(opened.studio, opened.delivery, invoice, balance, counted))
    return _pdf(content, f"receipt-{invoice.reference}.pdf")


@router.api_route("/s/{token}/licence.pdf", methods=["GET", "HEAD"])
def licence_pdf(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The licence, once something is released to whoever accepted the terms; until then there is none."""
    opened = open_link(tx, wiring, token, request=request, need="downloads")
    acceptance = accepted_through(tx, opened.link, opened.delivery, own=opened.own)
    originals = released_assets(tx, opened.delivery)
    if acceptance is None or not originals:
        raise NotFound
    from service.payments.licence import Licensed, licence  # noqa: PLC0415 - 40 MB that most requests have no use for

    content = licence(Licensed(opened.studio, opened.delivery, acceptance, originals))
    return _pdf(content, f"licence-{deliveries.invoice_of(tx, opened.delivery.id).reference}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/payments/{payment_id}/reverse")
def reverse_payment(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, payment_id: str, reason: Text
) -> Response:
    """Reverse a payment; a release that rested on it ends at once."""
    recently_proved(who, wiring.clock())
    received = reverse(tx, wiring, studio_id=who.studio.id, payment_id=payment_id, reason=reason, actor=who.actor)
    text = _("The payment is reversed.")
    if received.delivery.state == "held":
        text += " " + _("The originals are held until payment.")
    return redirect(request, f"/deliveries/{received.delivery.id}", flash=text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(N_("Write the date as year-month-day, such as 2026-03-31."), field="received_on") from error


def _outcome(received: Received) -> str:
    """What happened, in words: also what did not happen, and why."""
    locale = translate.current()
    balance = received.balance
    if received.released:
        return _("Payment recorded. The originals are released.")
    if received.opened:
        return _("Payment recorded. What this part opens is released; the rest is held until payment.")
    if not received.counted:
        return _("Payment recorded, but it is in another currency, so nothing was released. Please decide yourself.")
    if balance.open.minor:
        amount = balance.open.shown(locale)
        return _("Payment recorded. %(amount)s is still open, so nothing was released.") % {"amount": amount}
    if balance.over.minor:
        amount = balance.over.shown(locale)
        return _("Payment recorded. It is %(amount)s more than was owed.") % {"amount": amount}
    return _("Payment recorded.")
