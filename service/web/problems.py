"""Errors as people and programs get them: an HTML page for a browser, RFC 9457 problem+json for the rest."""

from __future__ import annotations

import sqlite3

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.errors import DiskFull
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException

from service.errors import BadInput, Forbidden, NoSpace, NotFound, TillpaidError, TooLarge, Unavailable
from service.kit.translate import N_, _
from service.web import prove_again
from service.web.templates import render
from storage.blobstore import NoSpace as StoreFull
from storage.blobstore import StorageError

log = structlog.get_logger("errors")


class MethodNotAllowed(TillpaidError):
    status = 405
    default_code = "method_not_allowed"
    default_public = N_("This address does not answer that kind of request.")


_BY_STATUS: dict[int, type[TillpaidError]] = {
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
}


def install(app: FastAPI) -> None:
    """Registers the handlers; nothing else in the service builds an error answer."""

    @app.exception_handler(TillpaidError)
    async def _ours(request: Request, error: TillpaidError) -> Response:
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def _framework(request: Request, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, BadInput)
        response = answer(request, kind())
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or None
        if wants_page(request):  # the framework's words are English, and for programs
            return answer(request, BadInput(field=field))
        return answer(request, BadInput("%(problem)s", problem=first["msg"], field=field))

    @app.exception_handler(StorageError)
    async def _store(request: Request, error: StorageError) -> Response:
        log.error("storage", error=type(error).__name__)
        return answer(request, NoSpace() if isinstance(error, StoreFull) else Unavailable(retry_after=10))

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        """Away, restarting, out of connections, or two requests in each other's way: nothing was done, come again."""
        log.error("database", error=type(error.orig).__name__, text=str(error.orig))
        return answer(request, NoSpace() if _is_full(error.orig) else Unavailable(retry_after=5))

    @app.exception_handler(NoConnection)
    async def _busy(request: Request, error: NoConnection) -> Response:
        log.error("database", error="NoConnection", text=str(error))
        return answer(request, Unavailable(retry_after=5))


def _is_full(error: BaseException | None) -> bool:
    """Whether the database's disk is."""
    return isinstance(error, DiskFull) or (isinstance(error, sqlite3.OperationalError) and "full" in str(error))


def unexpected(request: Request) -> Response:
    """What is said when something failed that nobody foresaw."""
    return answer(request, TillpaidError())


def answer(request: Request, error: TillpaidError) -> Response:
    """The error as this caller reads it. ``Retry-After`` is in seconds."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    if wants_page(request):
        if error.code == prove_again.CODE:
            return prove_again.to_prove_again(request, shown(error))
        return render(request, "error.html", status=error.status, headers=headers, error=error, message=shown(error))
    problem = {
        "type": "about:blank",
        "title": _(error.default_public),
        "status": error.status,
        "code": error.code,
        "detail": shown(error),
        "retryable": error.retryable,
        "request_id": request.state.request_id,
    }
    if error.field:
        problem["field"] = error.field
    return JSONResponse(problem, error.status, headers, media_type="application/problem+json")


def shown(error: TillpaidError) -> str:
    """The public words in the current locale."""
    text = _(error.public)
    return text % error.params if error.params else text


def wants_page(request: Request) -> bool:
    """Whether a browser is reading: it asks for HTML, and not under the API."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
