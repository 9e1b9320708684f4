"""The client's pages under ``/s/{token}``, and the studio's forms for links."""

from __future__ import annotations

from fastapi import APIRouter

from service.shares.pages import agree, compare, forms, gate, look, preview_pdf, previews, share

BUSY = True
"""Most requests are a client's: see ``service.discovery.routers``. Pictures are the most of them."""

router = APIRouter(include_in_schema=False)
for part in (previews, share, gate, compare, look, preview_pdf, forms, agree):
    router.include_router(part.router)
