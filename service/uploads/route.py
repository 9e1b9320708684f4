"""The route class of the protocol: its version on every answer, also on refusals, and the store's errors in our words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from service.errors import Busy, NoSpace, TillpaidError, Unavailable
from service.uploads.protocol import VERSION
from service.web import problems
from service.web.boundary import ApiRoute
from storage.blobstore import Busy as StoreBusy
from storage.blobstore import NoSpace as StoreFull
from storage.blobstore import StorageError


class TusRoute(ApiRoute):
    """A route that speaks tus 1.0."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        inner: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except (TillpaidError, StorageError) as error:
                response = problems.answer(request, ours(error))
                response.headers["Cache-Control"] = "no-store"
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handle


def ours(error: TillpaidError | StorageError) -> TillpaidError:
    """A fault of the store in words for the sender. Nothing that was told to be safe is lost by any of them."""
    match error:
        case TillpaidError():
            return error
        case StoreBusy():
            return Busy(retry_after=1)
        case StoreFull():
            return NoSpace()
        case _:
            return Unavailable(retry_after=5)
