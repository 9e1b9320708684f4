"""Settings: how long and how often originals may be fetched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.change_downloads import MOST_DAYS, MOST_TIMES, change_downloads
from service.accounts.pages.wrong import wrong
from service.accounts.who import SignedIn
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]


@router.get("/settings/downloads")
def show(request: Request, who: SignedIn) -> Response:
    """Days and times."""
    return _page(request, str(who.studio.download_days), str(who.studio.download_count))


@router.post("/settings/downloads")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    download_days: Field = "",
    download_count: Field = "",
) -> Response:
    """Keeps both for releases from now on."""
    try:
        change_downloads(tx, wiring, who, days=download_days, count=download_count)
    except BadInput as error:
        return _page(request, download_days, download_count, error)
    return redirect(request, "/settings/downloads", flash=_("Saved."))


def _page(request: Request, days: str, count: str, error: BadInput | None = None) -> Response:
    return render(
        request,
        "accounts/settings/downloads.html",
        status=error.status if error else 200,
        days=days,
        count=count,
        most_days=MOST_DAYS,
        most_times=MOST_TIMES,
        wrong=wrong(error),
    )
