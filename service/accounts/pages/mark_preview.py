"""A picture of the mark as it would be, while it is being chosen."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.accounts.change_mark import Mark, preview_recipe
from service.accounts.who import member_of_session
from service.db import Tx
from service.errors import SignInNeeded, Unavailable
from service.kit.translate import N_, _
from service.throttle.throttle import throttle
from service.web.boundary import PageRoute, WiringDep, own_transactions, write_transaction
from watermark.errors import WatermarkError
from watermark.recipe import Recipe

router = APIRouter(route_class=PageRoute)
PER_MINUTE = 60


@router.get("/settings/mark/preview.jpg")
@own_transactions
async def preview(
    request: Request, wiring: WiringDep, text: str = "", strength: str = "standard", delivery: str = ""
) -> Response:
    """A JPEG of a sample picture under this mark; for the studio's members only. The database is let go before the
    picture is made: nobody else waits for it."""

    def allowed(tx: Tx) -> Recipe:
        who = member_of_session(request, tx, wiring)
        if who is None:
            raise SignInNeeded
        throttle(tx, wiring, "mark.preview", who.member.id, limit=PER_MINUTE, window=timedelta(minutes=1))
        title = _("The delivery's title")
        line2 = f"{title} · {wiring.clock().date().isoformat()}"
        return preview_recipe(who.studio, Mark(text, strength, delivery == "yes"), line2=line2)

    async with write_transaction(request) as tx:
        recipe = await run_in_threadpool(allowed, tx)
    try:
        picture = await run_in_threadpool(wiring.sandbox.preview, recipe)
    except WatermarkError as error:
        raise Unavailable(N_("The preview could not be made. Please try again."), retry_after=5) from error
    return Response(picture, media_type="image/jpeg")
