"""The protocol's headers for the machine-readable contract: they are read by ``protocol``, which says what is wrong."""

from __future__ import annotations

from typing import Any

from service.uploads.protocol import BYTES, VERSION

Extra = dict[str, Any]


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
PIECE: Extra = {
    "parameters": [
        _VERSION,
        _header("Upload-Offset", _COUNT, "Where this piece begins: where the upload stands."),
        _header("Upload-Checksum", {"type": "string"}, "sha1 or sha256, and a Base64 digest.", required=False),
    ],
    "requestBody": {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
}
