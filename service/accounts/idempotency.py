"""Idempotency-Key on API POSTs: the same request again gets the first one's answer, and nothing is done twice.

The answer is kept in the transaction that did the work, so there is never work without an answer or the reverse. A
key is the studio's own and is kept for a day. Answers that were errors are not kept: their work was rolled back.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from service.accounts import repository
from service.accounts.models import IdempotentAnswer
from service.accounts.who import Bearer
from service.db import Tx
from service.errors import BadInput, Conflict
from service.kit.clock import system_clock
from service.kit.translate import N_
from service.web.boundary import Answered, TxDep, WiringDep, before_commit

KEPT = timedelta(days=1)
_PENDING = 0
MOST_BODY = 1024 * 1024


def clean_key(key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str | None:
    """The header, or None where there is none; raises BadInput for one that cannot be kept."""
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise BadInput(N_("Idempotency-Key must be 1 to 255 printable ASCII characters."), code="idempotency_key")
    return key


IdempotencyKey = Annotated[str | None, Depends(clean_key)]


def idempotent(request: Request, tx: TxDep, wiring: WiringDep, who: Bearer, key: IdempotencyKey) -> None:
    """For API routers: answers a repeated POST from memory and remembers a new one's answer. Raises Conflict
    (idempotency_mismatch) for a key that came with another request before."""
    if request.method != "POST" or key is None:
        return
    now, studio_id = wiring.clock(), who.studio.id
    repository.forget_answers(tx, studio_id, now - KEPT)
    digest = request_digest(request.method, str(request.url.path), request.url.query, getattr(request, "_body", b""))
    found = recall(tx, studio_id, key, digest)
    if found is None and not remember(tx, studio_id, key, digest, Response(status_code=_PENDING), now=now):
        found = recall(tx, studio_id, key, digest)  # another process had the same request and has just finished it
    if found is not None:
        raise Answered(found)
    before_commit(request, lambda tx, response: _settle(tx, studio_id, key, response))


def request_digest(method: str, path: str, query: str, body: bytes) -> str:
    """What makes two requests the same: SHA-256 over method, path, query and body."""
    head = hashlib.sha256(f"{method}\0{path}\0{query}\0".encode())
    head.update(body)
    return head.hexdigest()


def recall(tx: Tx, studio_id: str, key: str, request_sha256: str) -> Response | None:
    """The answer that the studio's request with this key got, or None; raises Conflict for another request."""
    row = repository.answer_to(tx, studio_id, key)
    if row is None:
        return None
    if row.request_sha256 != request_sha256:
        raise Conflict(N_("This Idempotency-Key came with another request before."), code="idempotency_mismatch")
    if row.status == _PENDING:
        return None
    media_type = "application/json" if row.body else None
    return Response(row.body, row.status, {"Idempotency-Replayed": "true"}, media_type)


def remember(
    tx: Tx, studio_id: str, key: str, request_sha256: str, response: Response, *, now: datetime | None = None
) -> bool:
    """Keeps the answer in the caller's transaction (at most 1 MiB of it); False when the key was taken meanwhile by
    another request, which has then committed. ``now`` None is the system's clock."""
    row = repository.answer_to(tx, studio_id, key)
    if row is not None:
        row.status, row.body = response.status_code, _body(response)
        return True
    new = IdempotentAnswer(
        studio_id=studio_id,
        key=key,
        request_sha256=request_sha256,
        status=response.status_code,
        body=_body(response),
        created_at=now or system_clock(),
    )
    return repository.add_answer(tx, new)


def _settle(tx: Tx, studio_id: str, key: str, response: Response) -> None:
    """Puts the real answer where the pending one stood; an answer too large or streamed is not kept."""
    row = repository.answer_to(tx, studio_id, key)
    if row is not None:
        row.status, row.body = response.status_code, _body(response)


def _body(response: Response) -> str:
    body = bytes(getattr(response, "body", b""))
    if len(body) > MOST_BODY:
        raise ValueError("an answer of more than 1 MiB under an Idempotency-Key")
    return body.decode()
