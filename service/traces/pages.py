"""Trace a picture: a form, and an answer in words that say no more than what is known."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.accounts.who import SignedIn, Who, member_of_session
from service.db import Tx
from service.errors import SignInNeeded, TillpaidError
from service.kit import translate
from service.kit.translate import _
from service.settings import MIB
from service.shares.link_end import shown_end
from service.traces.receive import MAX_BYTES, FoundFile
from service.traces.trace import Named, Traced
from service.traces.upload import trace_upload
from service.web.boundary import PageRoute, WiringDep, own_transactions
from service.web.problems import shown
from service.web.templates import render
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
ALL_BUT_CERTAIN, VERY_SURE = 0.995, 0.97


@router.get("/trace")
def trace_page(request: Request, who: SignedIn) -> Response:
    """The form."""
    return _page(request, who)


@router.post("/trace")
@own_transactions
async def trace(request: Request, wiring: WiringDep) -> Response:
    """The answer, under the form for the next one."""
    who = await run_in_threadpool(_who, request, wiring)
    translate.use(request.state.language_chosen or who.member.locale)

    def answer(_tx: Tx, found: FoundFile, traced: Traced) -> Response:
        return _page(request, who, traced=traced, filename=found.filename)

    try:
        return await trace_upload(request, who, answer)
    except TillpaidError as error:
        return _page(request, who, status=error.status, problem=shown(error))


def _who(request: Request, wiring: Wiring) -> Who:
    with wiring.db.read() as tx:
        who = member_of_session(request, tx, wiring)
    if who is None:
        raise SignInNeeded
    return who


def _page(
    request: Request,
    who: Who,
    *,
    status: int = 200,
    traced: Traced | None = None,
    filename: str = "",
    problem: str = "",
) -> Response:
    zone = who.studio.timezone
    return render(
        request,
        "traces/trace.html",
        status=status,
        zone=zone,
        limit=MAX_BYTES // MIB,
        traced=traced,
        filename=filename,
        problem=problem,
        found=[_told(one, zone) for one in traced.named] if traced else [],
    )


def _told(one: Named, zone: str) -> dict[str, object]:
    percent = f"{translate.shown_number(round(100 * min(one.confidence, 0.9999), 2))}\N{NO-BREAK SPACE}%"
    return {
        "link": one.link,
        "delivery": one.delivery,
        "page": one.page,
        "ends": shown_end(one.link.expires_at, zone),
        "sure": _how_sure(one.confidence),
        "percent": percent,
    }


def _how_sure(confidence: float) -> str:
    if confidence >= ALL_BUT_CERTAIN:
        return _("All but certain")
    return _("Very sure") if confidence >= VERY_SURE else _("Rather sure")
