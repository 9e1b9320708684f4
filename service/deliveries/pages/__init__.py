"""The studio's pages for its deliveries."""

from __future__ import annotations

from fastapi import APIRouter

from service.deliveries.pages import change, new, overview, show, undo, upload

router = APIRouter()
for part in (overview, new, undo, show, change, upload):
    router.include_router(part.router)
