"""The protocol's headers for the machine-readable contract: they are read by ``protocol``, which says what is wrong."""

from __future__ import annotations

from typing import Any

from service.uploads.protocol import BYTES, VERSION

Extra = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]
_REFUSALS = {
    400: "A header breaks the protocol (malformed, checksum_algorithm).",
    401: "No valid token, and no session of a member.",
    403: "A page's request without its CSRF token, or for something this member may not do.",
    404: "There is no such upload or delivery, or it is another studio's, or it ran out.",
    405: "X-HTTP-Method-Override names another method.",
    409: "The upload does not stand at Upload-Offset, or the delivery takes no files any more.",
    410: "Its bytes are lost, or it was refused for good: begin again.",
    412: "Tus-Resumable is not 1.0.0.",
    413: "More than may be kept, or than Upload-Length said.",
    415: "The piece is not application/offset+octet-stream.",
    422: "Upload-Metadata names no delivery or file name, or a tier that there is not.",
    423: "Another connection writes to this upload; come again after Retry-After.",
    429: "Too many requests; come again after Retry-After.",
    460: "The piece is not what Upload-Checksum says: nothing of it is kept.",
    503: "Database or store do not answer in time; come again after Retry-After.",
    507: "No room on the disk.",
}


def refusals(*statuses: int) -> Responses:
    """These answers for the machine-readable contract, as problems (RFC 9457)."""
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    return {status: {"description": _REFUSALS[status], "content": problem} for status in statuses}


ALWAYS = (401, 403, 429, 503)
ONE = (*ALWAYS, 400, 404, 410, 412)


def _header(name: str, schema: Extra, words: str, *, required: bool = True) -> Extra:
    return {"name": name, "in": "header", "required": required, "description": words, "schema": schema}


_COUNT: Extra = {"type": "integer", "minimum": 0, "maximum": 2**62}
_VERSION = _header("Tus-Resumable", {"type": "string", "enum": [VERSION]}, "The version of the protocol.")
VERSION_ONLY: Extra = {"parameters": [_VERSION]}
BEGIN: Extra = {
    "parameters": [
        _VERSION,
        _header("Upload-Length", _COUNT, "The file's size in bytes."),
        _header(
            "Upload-Metadata",
            {"type": "string", "maxLength": 4096},
            "Keys with Base64 values, separated by commas: delivery, filename, path, tier.",
        ),
    ]
}
OVERRIDE: Extra = {
    "parameters": [
        _VERSION,
        _header(
            "X-HTTP-Method-Override",
            {"type": "string", "enum": ["PATCH", "DELETE", "HEAD"]},
            "The method that is meant; with its own headers and body.",
        ),
    ],
    "requestBody": {"required": False, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
}
PIECE: Extra = {
    "parameters": [
        _VERSION,
        _header("Upload-Offset", _COUNT, "Where this piece begins: where the upload stands."),
        _header("Upload-Checksum", {"type": "string"}, "sha1 or sha256, and a Base64 digest.", required=False),
    ],
    "requestBody": {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
}
