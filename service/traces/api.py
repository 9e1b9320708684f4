"""Tracing for programs."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from service.accounts.idempotency import IdempotencyKey, recall, remember
from service.accounts.who import Who, bearer
from service.db import Tx
from service.kit import translate
from service.traces.answers import TraceOut, trace_out
from service.traces.receive import FoundFile
from service.traces.trace import Traced
from service.traces.upload import trace_upload
from service.web.boundary import ApiRoute, WiringDep, own_transactions
from service.wiring import Wiring

router = APIRouter(route_class=ApiRoute, tags=["traces"])
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("/traces", response_model=TraceOut, openapi_extra=FORM)
@own_transactions
async def post_trace(request: Request, wiring: WiringDep, key: IdempotencyKey) -> Response:
    """Which of the studio's links a found picture was served to: multipart, field ``file``."""
    who = await run_in_threadpool(_who, request, wiring)
    translate.use(who.member.locale)

    def answer(tx: Tx, found: FoundFile, traced: Traced) -> Response:
        asked = hashlib.sha256(f"POST\0{request.url.path}\0{found.sha256}".encode()).hexdigest()
        known = recall(tx, who.studio.id, key, asked) if key else None
        if known is not None:
            return known
        response = JSONResponse(trace_out(traced).model_dump(mode="json"))
        if key:
            remember(tx, who.studio.id, key, asked, response, now=wiring.clock())
        return response

    return await trace_upload(request, who, answer)


def _who(request: Request, wiring: Wiring) -> Who:
    with wiring.db.read() as tx:
        return bearer(request, tx, wiring)
