"""The forms by which clients answer, comment and choose, and the studio's for how many may be chosen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn
from service.errors import BadInput, Conflict, TillpaidError
from service.feedback.answer import answer
from service.feedback.choose import agree_selection, choose
from service.feedback.comment import Said, comment
from service.feedback.moments import moment_from
from service.feedback.spots import spot_from
from service.kit.translate import N_, _
from service.shares.address import path_of, token_of
from service.shares.open_link import OpenedLink, open_link
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Text = Annotated[str, Form(max_length=40)]
Long = Annotated[str, Form(max_length=8000)]


@router.post("/s/{token}/answer")
def give_answer(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    token: str,
    said: Text = "",
    note: Long = "",
    asset: Text = "",
    page: Text = "1",
) -> Response:
    """Approve or ask for changes."""
    opened = open_link(tx, wiring, token, request=request, need="previews")
    back = _back(wiring, opened, asset, page, "answer")
    try:
        row = answer(tx, wiring, opened, asset_id=asset, said=said, note=note)
    except (BadInput, Conflict) as error:
        return _refused(request, back, error)
    words = (
        _("Thank you. Your approval is recorded.") if row.said == "approved" else _("Thank you. The studio was told.")
    )
    return redirect(request, back, flash=words)


@router.post("/s/{token}/comments")
def give_comment(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    token: str,
    asset: Text,
    text: Long = "",
    page: Text = "1",
    x: Text = "",
    y: Text = "",
    area: Text = "",
    moment: Text = "",
) -> Response:
    """A remark; ``x`` and ``y`` where a script pinned it, else ``area``, one of nine parts of the picture; ``moment`` of a
    film or sound."""
    opened = open_link(tx, wiring, token, request=request, need="previews")
    back = _back(wiring, opened, asset, page, "comments")
    try:
        said = Said(asset, _whole(page), text, spot_from(x, y, area), moment_from(moment))
        comment(tx, wiring, opened, said)
    except (BadInput, Conflict) as error:
        return _refused(request, back, error)
    return redirect(request, back, flash=_("Your comment is there. The studio sees it."))


@router.post("/s/{token}/favourites")
def give_favourite(
    request: Request, tx: TxDep, wiring: WiringDep, token: str, asset: Text, page: Text = ""
) -> Response:
    """Choose an asset, or take it out of what is chosen."""
    opened = open_link(tx, wiring, token, request=request, need="previews")
    path = path_of(token_of(wiring, opened.link))
    back = f"{path}?page={_whole(page or '1')}#a-{asset}"
    try:
        choose(tx, wiring, opened, asset)
    except (BadInput, Conflict) as error:
        return _refused(request, back, error)
    return redirect(request, back)


@router.post("/deliveries/{delivery_id}/selection")
def selection(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, at_most: Text = ""
) -> Response:
    """How many the client may choose."""
    back = f"/deliveries/{delivery_id}#feedback"
    try:
        number = _whole(at_most or "0")
        agree_selection(tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, at_most=number, actor=who.actor)
    except (BadInput, Conflict) as error:
        return _refused(request, back, error)
    return redirect(request, back, flash=_("Kept."))


def _back(wiring: Wiring, opened: OpenedLink, asset: str, page: str, place: str) -> str:
    """The page that the form stood on. ``asset`` is only put in an address, never trusted: the use case looks it up."""
    path = path_of(token_of(wiring, opened.link))
    if not asset or not asset.replace("_", "").isalnum():
        return f"{path}#{place}"
    return f"{path}/view/{asset}/{_whole(page)}#{place}"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadInput(N_("Write a whole number."), field="page")
    return int(text)


def _refused(request: Request, back: str, error: TillpaidError) -> Response:
    return redirect(request, back, flash=shown(error), kind="problem")
