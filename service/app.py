"""The web application: discovered routers, one envelope around them, one set of error answers."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from service import discovery
from service.web import problems
from service.web.door import doors
from service.web.headers import Envelope
from service.web.templates import STATIC
from service.wiring import Wiring

mimetypes.add_type("text/javascript", ".mjs")


class ForeverFiles(StaticFiles):
    """Static files whose address carries a hash of their content: browsers may keep them."""

    def file_response(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        scope: Scope = args[2]  # type: ignore[assignment]
        hashed = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def create_app(wiring: Wiring) -> FastAPI:
    """The application over ``wiring``. It starts no thread and opens no connection by itself."""
    app = FastAPI(
        title="Tillpaid",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # its redirects would repeat a token in Location
    )
    app.state.wiring = wiring
    app.state.reading, app.state.writing = doors(one_writer=wiring.settings.database.startswith("sqlite:"))
    app.state.panels = discovery.panels()
    STATIC.mkdir(exist_ok=True)
    # Only what is the same for everybody is packed: the length of a packed page with a secret in it gives it away (BREACH).
    app.mount("/static", GZipMiddleware(ForeverFiles(directory=STATIC, html=False), minimum_size=1024), name="static")
    for router in discovery.routers("pages"):
        app.include_router(router, include_in_schema=False)  # the contract for programs is the API
    api = APIRouter(prefix="/api/v1")
    for router in discovery.routers("api"):
        api.include_router(router)
    app.include_router(api)
    problems.install(app)
    app.add_middleware(Envelope, settings=wiring.settings.web, on_error=problems.unexpected)
    return app
