"""Trying a new logo in the sandbox before the request's transaction begins.

A PNG that begins well may still not decode, and a mark with such a logo could never be drawn. Drawing it once takes
time, in which nobody should wait for the database.
"""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from service.accounts.change_mark import check_logo
from service.accounts.who import member_of_session
from service.errors import BadInput
from service.kit.translate import N_
from service.web.boundary import SAFE, PageRoute, wiring_of
from watermark.errors import WatermarkError
from watermark.recipe import MAX_LOGO_BYTES, Recipe


class LogoRoute(PageRoute):
    """A page whose form may carry the file ``logo``. ``request.state.logo_fault`` is None, or the BadInput to show
    beside its field. Strangers' logos are not looked at: the endpoint will refuse them."""

    async def check(self, request: Request) -> None:
        await super().check(request)
        request.state.logo_fault = None
        if request.method in SAFE or not request.headers.get("content-type", "").startswith("multipart/"):
            return
        logo = (await request.form()).get("logo")
        data = await logo.read(MAX_LOGO_BYTES + 1) if isinstance(logo, UploadFile) else b""
        if isinstance(logo, UploadFile):
            await logo.seek(0)
        if data:
            request.state.logo_fault = await run_in_threadpool(_fault, request, data)


def _fault(request: Request, data: bytes) -> BadInput | None:
    wiring = wiring_of(request)
    with wiring.db.read() as tx:
        if member_of_session(request, tx, wiring) is None:
            return None
    try:
        check_logo(data)
        wiring.sandbox.preview(Recipe(text="Tillpaid", logo=data), size=480)
    except BadInput as error:
        return error
    except WatermarkError:
        return BadInput(
            N_("This PNG cannot be drawn. Please save it anew and try again."), field="logo", code="bad_logo"
        )
    return None
