"""Settings: the studio's profile."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.change_profile import Profile, change_profile, time_zones
from service.accounts.pages.wrong import wrong
from service.accounts.who import SignedIn
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]
TEMPLATE = "accounts/settings/profile.html"


@router.get("/settings/profile")
def show(request: Request, who: SignedIn) -> Response:
    """The profile's form."""
    studio = who.studio
    typed = Profile(studio.name, studio.email, studio.locale, studio.timezone, studio.currency)
    return render(request, TEMPLATE, typed=typed, zones=_zones(), wrong=wrong())


@router.post("/settings/profile")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    name: Field = "",
    email: Field = "",
    locale: Field = "",
    timezone: Field = "",
    currency: Field = "",
) -> Response:
    """Keeps the profile."""
    typed = Profile(name, email, locale, timezone, currency)
    try:
        change_profile(tx, wiring, who, typed)
    except BadInput as error:
        return render(request, TEMPLATE, status=422, typed=typed, zones=_zones(), wrong=wrong(error))
    return redirect(request, "/settings/profile", flash=_("Saved."))


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in time_zones()]
