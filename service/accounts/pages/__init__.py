"""Signing in and out, and the studio's settings."""

from __future__ import annotations

from fastapi import APIRouter

from service.accounts.pages import (
    account,
    downloads,
    email_html,
    emails,
    getting_paid,
    look,
    mark,
    mark_preview,
    profile,
    root,
    sessions,
    sign_in,
    terms,
    tokens,
    use_link,
)

router = APIRouter()
for part in (
    root,
    sign_in,  # before use_link, whose path would swallow its own
    use_link,
    profile,
    getting_paid,
    look,
    mark,
    mark_preview,
    emails,
    email_html,
    terms,
    downloads,
    account,
    tokens,
    sessions,
):
    router.include_router(part.router)
