"""The upload form's target: with or without JavaScript, the same address."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from service.accounts.who import Who, member_of_session
from service.db import Tx
from service.deliveries import repository
from service.deliveries.answers import AssetsAdded, asset_out
from service.deliveries.intake import Intake
from service.deliveries.pages.show import show_delivery
from service.deliveries.upload_assets import Admitted, add_all, admit, upload_assets
from service.errors import NoSpace, SignInNeeded, TillpaidError, Unavailable
from service.kit import translate
from service.kit.translate import ngettext
from service.web.boundary import PageRoute, WiringDep, own_transactions
from service.web.problems import shown, wants_page
from service.web.templates import redirect
from service.wiring import Wiring
from storage.blobstore import NoSpace as StoreFull
from storage.blobstore import StorageError

router = APIRouter(route_class=PageRoute)


@router.post("/deliveries/{delivery_id}/assets")
@own_transactions
async def upload(request: Request, wiring: WiringDep, delivery_id: str) -> Response:
    """Adds the form's files, all or none: 201 with JSON for a script, back to the delivery's page for a person."""
    who, admitted = await run_in_threadpool(_admitted, request, wiring, delivery_id)
    translate.use(request.state.language_chosen or who.member.locale)

    def answer(tx: Tx, intake: Intake) -> Response:
        assets = add_all(tx, wiring, admitted, intake)
        if not wants_page(request):
            return JSONResponse(AssetsAdded(assets=[asset_out(a) for a in assets]).model_dump(mode="json"), 201)
        words = ngettext("%(count)d file was added.", "%(count)d files were added.", len(assets))
        flash = words % {"count": len(assets)}
        return redirect(request, f"/deliveries/{delivery_id}#files", flash=flash)

    try:
        return await upload_assets(request, admitted, answer)
    except (TillpaidError, StorageError) as error:
        if not wants_page(request):
            raise
        return await run_in_threadpool(_page_again, request, wiring, who, delivery_id, _ours(error))


def _admitted(request: Request, wiring: Wiring, delivery_id: str) -> tuple[Who, Admitted]:
    """Who asks and what they may add, before a byte of the body is read."""
    with wiring.db.read() as tx:
        who = member_of_session(request, tx, wiring)
        if who is None:
            raise SignInNeeded
        return who, admit(tx, wiring, who, delivery_id)


def _ours(error: TillpaidError | StorageError) -> TillpaidError:
    if isinstance(error, StorageError):
        return NoSpace() if isinstance(error, StoreFull) else Unavailable(retry_after=10)
    return error


def _page_again(request: Request, wiring: Wiring, who: Who, delivery_id: str, error: TillpaidError) -> Response:
    """The delivery's page with the problem beside the upload form."""
    with wiring.db.read() as tx:
        delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
        return show_delivery(request, tx, who, delivery, status=error.status, upload_problem=shown(error))
