"""The client's pages under ``/s/{token}``, and the studio's forms for links."""

from __future__ import annotations

from fastapi import APIRouter

from service.shares.pages import agree, forms, gate, look, preview_pdf, previews, share

router = APIRouter(include_in_schema=False)
for part in (share, gate, look, preview_pdf, previews, forms, agree):
    router.include_router(part.router)
