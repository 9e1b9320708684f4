"""A page for those who build the pages: every piece in every state. It is there for the sample studio alone."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request, Response

from service.accounts.who import MaybeSignedIn
from service.demo.address import EMAIL
from service.errors import NotFound
from service.kit.money import Money
from service.web.boundary import PageRoute
from service.web.templates import render

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/dev/components")
def components(request: Request, who: MaybeSignedIn) -> Response:
    """Nothing here for anybody but the sample studio's member."""
    if who is None or who.member.email != EMAIL:
        raise NotFound
    return render(request, "demo/components.html", day=date(2026, 3, 31), amount=Money(45000, "EUR"))
