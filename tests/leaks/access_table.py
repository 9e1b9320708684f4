"""Who may what: every method and route, and the people it may answer. Whoever is not named in a cell is refused.

``ANYBODY`` reads what says nothing of anybody. ``MEMBERS`` act on themselves or their own studio: the route names
nothing of somebody else's. ``STUDIO`` is the studio that the identifiers belong to. ``LINK`` is whoever holds the
address: the client, and whoever the studio gave it to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ANYBODY = frozenset({"nobody", "client", "other studio", "owner"})
MEMBERS = frozenset({"other studio", "owner"})
STUDIO = frozenset({"owner"})
LINK = frozenset({"client", "owner"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """A route's people, and a body that is right, so that only the person can be the reason for a refusal."""

    who: frozenset[str]
    form: dict[str, str] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    files: bool = False  # a picture in the field named file
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    by_page: bool = False
    """Under the API, and yet read by a member's own page, too; what it changes there needs the page's CSRF token."""


_DELIVERY = {
    "title": "Jauns",
    "client": {"name": "Anna", "email": "anna@example.com"},
    "amount": "1.00",
    "currency": "EUR",
}
_PAYMENT = {"amount": "1.00", "currency": "EUR", "received_on": "2026-03-02"}
_NO_PARTS = {"amount": "", "due_on": "", "opens": "nothing", "numbers": ""}
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = {**_TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
_PROFILE = {"name": "S", "email": "s@studio.example", "locale": "lv", "timezone": "Europe/Riga", "currency": "EUR"}

TABLE: dict[tuple[str, str], Row] = {
    # Read by anybody
    ("GET", "/healthz"): Row(ANYBODY),
    ("GET", "/readyz"): Row(ANYBODY),
    ("GET", "/metrics"): Row(NOBODY),  # this machine alone, or a token of its own
    ("GET", "/api/v1/openapi.json"): Row(ANYBODY),
    ("HEAD", "/api/v1/openapi.json"): Row(ANYBODY),
    ("GET", "/static/{static_path}"): Row(ANYBODY),
    ("HEAD", "/static/{static_path}"): Row(ANYBODY),
    # Getting in
    ("GET", "/"): Row(MEMBERS),
    ("GET", "/sign-in"): Row(ANYBODY),
    ("POST", "/sign-in"): Row(ANYBODY, {"email": "somebody@example.com"}),
    ("GET", "/sign-in/sent"): Row(ANYBODY),
    ("GET", "/sign-in/{secret}"): Row(STUDIO),
    ("GET", "/sign-in/again"): Row(MEMBERS),
    ("POST", "/sign-in/again"): Row(MEMBERS, {"next": "/deliveries"}),
    # The client, by link
    ("GET", "/s/{token}"): Row(LINK),
    ("HEAD", "/s/{token}"): Row(LINK),
    ("GET", "/s/{token}/look.css"): Row(LINK),
    ("GET", "/s/{token}/logo.png"): Row(LINK),
    ("POST", "/s/{token}/passphrase"): Row(LINK, {"passphrase": "zaļā pļava 7"}),
    ("POST", "/s/{token}/terms"): Row(LINK, {"name": "Anna", "agreed": "yes"}),
    ("POST", "/s/{token}/payment-sent"): Row(LINK),
    ("GET", "/s/{token}/receipt.pdf"): Row(LINK),
    ("HEAD", "/s/{token}/receipt.pdf"): Row(LINK),
    ("GET", "/s/{token}/licence.pdf"): Row(LINK),
    ("HEAD", "/s/{token}/licence.pdf"): Row(LINK),
    ("POST", "/s/{token}/answer"): Row(LINK, {"said": "approved"}),
    ("POST", "/s/{token}/comments"): Row(LINK, {"asset": "{asset_id}", "text": "Skaisti"}),
    ("POST", "/s/{token}/favourites"): Row(LINK, {"asset": "{asset_id}"}),
    ("POST", "/deliveries/{delivery_id}/selection"): Row(STUDIO, {"at_most": "3"}),
    ("GET", "/s/{token}/view/{asset_id}/{page}"): Row(LINK),
    ("HEAD", "/s/{token}/view/{asset_id}/{page}"): Row(LINK),
    ("GET", "/s/{token}/compare/{asset_id}/{page}"): Row(LINK),
    ("HEAD", "/s/{token}/compare/{asset_id}/{page}"): Row(LINK),
    ("GET", "/s/{token}/previews/{asset_id}/{page}/{size}"): Row(LINK),
    ("HEAD", "/s/{token}/previews/{asset_id}/{page}/{size}"): Row(LINK),
    ("GET", "/s/{token}/previews/{asset_id}/clip"): Row(LINK),
    ("HEAD", "/s/{token}/previews/{asset_id}/clip"): Row(LINK),
    ("GET", "/s/{token}/previews/{asset_id}/pdf"): Row(LINK),
    ("HEAD", "/s/{token}/previews/{asset_id}/pdf"): Row(LINK),
    ("POST", "/s/{token}/downloads"): Row(LINK),
    ("POST", "/s/{token}/downloads/{asset_id}"): Row(LINK),
    ("GET", "/d/{token}"): Row(LINK),
    ("HEAD", "/d/{token}"): Row(LINK),
    # The studio's pages
    ("GET", "/deliveries"): Row(MEMBERS),
    ("GET", "/deliveries/new"): Row(MEMBERS),
    ("POST", "/deliveries/new"): Row(
        MEMBERS, {"title": "Jauns", "client_name": "Anna", "amount": "1.00", "currency": "EUR", "locale": "lv"}
    ),
    ("POST", "/deliveries/begin"): Row(MEMBERS),
    ("POST", "/deliveries/{delivery_id}/agree"): Row(
        STUDIO, {"title": "K", "client_name": "A", "amount": "1", "currency": "EUR", "locale": "lv"}
    ),
    ("GET", "/deliveries/deleted"): Row(MEMBERS),
    ("POST", "/deliveries/{delivery_id}/assets/many"): Row(STUDIO, {"asset": "{asset_id}", "action": "final"}),
    ("POST", "/deliveries/{delivery_id}/assets/{asset_id}/restore"): Row(STUDIO),
    ("GET", "/deliveries/{delivery_id}"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/edit"): Row(STUDIO, {"title": "Kāzas"}),
    ("POST", "/deliveries/{delivery_id}/assets"): Row(STUDIO, files=True),
    ("GET", "/deliveries/{delivery_id}/assets/{asset_id}/original"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/assets/{asset_id}/retry"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/assets/{asset_id}/remove"): Row(STUDIO),
    ("GET", "/deliveries/{delivery_id}/previews/{asset_id}/{page}/{size}"): Row(STUDIO),
    ("HEAD", "/deliveries/{delivery_id}/previews/{asset_id}/{page}/{size}"): Row(STUDIO),
    ("GET", "/deliveries/{delivery_id}/previews/{asset_id}/clip"): Row(STUDIO),
    ("HEAD", "/deliveries/{delivery_id}/previews/{asset_id}/clip"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/links"): Row(STUDIO, {"name": "Vēl viena"}),
    ("GET", "/deliveries/{delivery_id}/instalments"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/instalments"): Row(STUDIO, _NO_PARTS),
    ("POST", "/deliveries/{delivery_id}/payments"): Row(STUDIO, {**_PAYMENT, "source_ref": "lapa", "then": "release"}),
    ("GET", "/deliveries/{delivery_id}/reminder"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/reminder"): Row(STUDIO, {"tone": "polite"}),
    ("POST", "/deliveries/{delivery_id}/release"): Row(STUDIO, {"reason": "draugs"}),
    ("POST", "/deliveries/{delivery_id}/renew-downloads"): Row(STUDIO),
    ("GET", "/clients"): Row(MEMBERS),
    ("GET", "/clients/one"): Row(MEMBERS, query={"who": "anna@example.com"}),
    ("GET", "/trace"): Row(MEMBERS),
    ("POST", "/trace"): Row(MEMBERS, files=True),
    ("GET", "/outbox"): Row(MEMBERS),
    ("POST", "/outbox/again"): Row(STUDIO, {"message": "{message}"}),
    ("GET", "/settings"): Row(MEMBERS),
    ("GET", "/settings/account"): Row(MEMBERS),
    ("POST", "/settings/account"): Row(MEMBERS, {"name": "Ilze", "locale": "lv"}),
    ("POST", "/settings/account/email"): Row(MEMBERS, {"email": "cita@studio.example"}),
    ("GET", "/settings/downloads"): Row(MEMBERS),
    ("POST", "/settings/downloads"): Row(MEMBERS, {"download_days": "14", "download_count": "5"}),
    ("GET", "/settings/getting-paid"): Row(MEMBERS),
    ("POST", "/settings/getting-paid"): Row(MEMBERS, {"account_holder": "S", "iban": "LV80BANK0000435195001"}),
    ("GET", "/settings/look"): Row(MEMBERS),
    ("GET", "/settings/logo.png"): Row(MEMBERS),
    ("POST", "/settings/look"): Row(MEMBERS, {"colour": "#336699"}),
    ("POST", "/deliveries/{delivery_id}/reminder/plan"): Row(STUDIO, {"tone": "polite", "day": "2026-03-20"}),
    ("POST", "/deliveries/{delivery_id}/reminder/pause"): Row(STUDIO, {"paused": "1"}),
    ("GET", "/settings/emails"): Row(MEMBERS),
    ("GET", "/settings/emails/{kind}"): Row(MEMBERS),
    ("GET", "/settings/emails/{kind}/html"): Row(MEMBERS),
    ("POST", "/settings/emails/{kind}/html"): Row(MEMBERS, {"for": "lv", "subject": "Darbs", "body": "{{link}}"}),
    ("POST", "/settings/emails/{kind}"): Row(MEMBERS, {"for": "lv", "subject": "Darbs", "body": "{{link}}"}),
    ("GET", "/dev/components"): Row(NOBODY),
    ("GET", "/settings/mark"): Row(MEMBERS),
    ("GET", "/settings/mark/preview.jpg"): Row(MEMBERS),
    ("POST", "/settings/mark"): Row(MEMBERS, {"text": "S", "strength": "light"}),
    ("GET", "/settings/profile"): Row(MEMBERS),
    ("POST", "/settings/profile"): Row(MEMBERS, _PROFILE),
    ("GET", "/settings/sessions"): Row(MEMBERS),
    ("GET", "/settings/terms"): Row(MEMBERS),
    ("POST", "/settings/terms"): Row(MEMBERS, {"terms_text": ""}),
    ("GET", "/settings/tokens"): Row(MEMBERS),
    ("POST", "/settings/tokens"): Row(MEMBERS, {"label": "tests"}),
    # The API, by token
    ("GET", "/api/v1/deliveries"): Row(MEMBERS),
    ("POST", "/api/v1/traces"): Row(MEMBERS, files=True),
    ("POST", "/api/v1/deliveries"): Row(MEMBERS, json=_DELIVERY),
    ("GET", "/api/v1/deliveries/{delivery_id}"): Row(STUDIO),
    ("GET", "/api/v1/deliveries/{delivery_id}/assets"): Row(STUDIO),
    ("POST", "/api/v1/deliveries/{delivery_id}/assets"): Row(STUDIO, files=True),
    ("GET", "/api/v1/deliveries/{delivery_id}/events"): Row(STUDIO),
    ("OPTIONS", "/api/v1/uploads"): Row(ANYBODY),  # what the server speaks
    ("GET", "/api/v1/uploads"): Row(STUDIO, query={"delivery": "{delivery_id}"}, by_page=True),
    ("POST", "/api/v1/uploads"): Row(
        STUDIO, headers={**_TUS, "Upload-Length": "9", "Upload-Metadata": "{upload_metadata}"}, content=b""
    ),
    ("HEAD", "/api/v1/uploads/{upload_id}"): Row(STUDIO, headers=_TUS, by_page=True),
    ("PATCH", "/api/v1/uploads/{upload_id}"): Row(STUDIO, headers=_PIECE, content=b"jau"),
    ("POST", "/api/v1/uploads/{upload_id}"): Row(
        STUDIO, headers={**_TUS, "X-HTTP-Method-Override": "HEAD"}, by_page=True, content=b""
    ),
    ("GET", "/api/v1/deliveries/{delivery_id}/links"): Row(STUDIO),
    ("POST", "/api/v1/deliveries/{delivery_id}/links"): Row(STUDIO, json={"name": "Vēl viena"}),
    ("GET", "/api/v1/deliveries/{delivery_id}/instalments"): Row(STUDIO),
    ("PUT", "/api/v1/deliveries/{delivery_id}/instalments"): Row(STUDIO, json={"instalments": []}),
    ("POST", "/api/v1/deliveries/{delivery_id}/payments"): Row(STUDIO, json={**_PAYMENT, "source_ref": "api"}),
    ("POST", "/api/v1/deliveries/{delivery_id}/release"): Row(STUDIO, json={"reason": "draugs"}),
    # What ends something, so that the owner does it after the rest
    ("POST", "/payments/{payment_id}/reverse"): Row(STUDIO, {"reason": "atgriezts"}),
    ("POST", "/api/v1/payments/{payment_id}/reverse"): Row(STUDIO, json={"reason": "atgriezts"}),
    ("POST", "/deliveries/{delivery_id}/relock"): Row(STUDIO, {"reason": "kļūda"}),
    ("POST", "/api/v1/deliveries/{delivery_id}/relock"): Row(STUDIO, json={"reason": "kļūda"}),
    ("DELETE", "/api/v1/uploads/{upload_id}"): Row(STUDIO, headers=_TUS),
    ("DELETE", "/api/v1/links/{link_id}"): Row(STUDIO),
    ("POST", "/links/{link_id}/revoke"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/withdraw"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/delete"): Row(STUDIO),
    ("POST", "/deliveries/{delivery_id}/restore"): Row(STUDIO),
    ("POST", "/settings/tokens/{token_id}/revoke"): Row(STUDIO),
    ("POST", "/settings/sessions/{session_id}/end"): Row(STUDIO),
    ("POST", "/settings/sessions/end-others"): Row(MEMBERS),
    ("POST", "/sign-in/{secret}"): Row(STUDIO),
    ("POST", "/sign-out"): Row(ANYBODY),
}
