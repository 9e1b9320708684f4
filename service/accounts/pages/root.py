"""The two addresses that only lead on."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from service.accounts.who import MaybeSignedIn, signed_in
from service.web.boundary import PageRoute
from service.web.templates import redirect

router = APIRouter(route_class=PageRoute)


@router.get("/")
def root(request: Request, who: MaybeSignedIn) -> Response:
    """To the deliveries, or to signing in."""
    return redirect(request, "/deliveries" if who else "/sign-in")


@router.get("/settings", dependencies=[Depends(signed_in)])
def settings(request: Request) -> Response:
    """To the first of the settings pages."""
    return redirect(request, "/settings/profile")
