"""A recipe: the frozen description of a visible mark. Its digest is part of every rendition's key."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from watermark.errors import RecipeError

Strength = Literal["light", "standard", "strong"]

CODE_VERSION: Final = 1
"""Raised whenever the drawing of the mark or the encoding changes, so that old renditions are made anew."""

MAX_TEXT: Final = 500
MAX_LINE2: Final = 200
MAX_LOGO_BYTES: Final = 512 * 1024
PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Recipe:
    """What the visible mark says and how strongly.

    `text` is the main line; `line2` a smaller one (the delivery's name or date), empty for none. `logo` is a PNG of at
    most 512 KiB or None. The asset's key is no part of it: one recipe serves many assets.
    """

    text: str
    strength: Strength = "standard"
    line2: str = ""
    logo: bytes | None = field(default=None, repr=False)
    code_version: int = CODE_VERSION

    def validate(self) -> None:
        """Raise RecipeError, with words that name the fault, if this can't be drawn."""
        if not self.text.strip():
            raise RecipeError("The mark's text is empty.")
        if len(self.text) > MAX_TEXT:
            raise RecipeError(f"The mark's text is longer than {MAX_TEXT} characters.")
        if len(self.line2) > MAX_LINE2:
            raise RecipeError(f"The mark's second line is longer than {MAX_LINE2} characters.")
        if any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in self.text + self.line2):
            raise RecipeError("The mark's text contains control characters or line breaks.")
        if self.strength not in get_args(Strength):
            raise RecipeError("The mark's strength must be light, standard or strong.")
        if self.logo is not None:
            self._validate_logo(self.logo)

    @staticmethod
    def _validate_logo(logo: bytes) -> None:
        if len(logo) > MAX_LOGO_BYTES:
            raise RecipeError(f"The logo is larger than {MAX_LOGO_BYTES // 1024} KiB.")
        if not logo.startswith(PNG_SIGNATURE):
            raise RecipeError("The logo must be a PNG picture.")

    def digest(self) -> str:
        """SHA-256, in hex, of the canonical JSON of every field (the logo by its own SHA-256)."""
        logo = None if self.logo is None else hashlib.sha256(self.logo).hexdigest()
        canonical = {
            "text": self.text,
            "strength": self.strength,
            "line2": self.line2,
            "logo_sha256": logo,
            "code_version": self.code_version,
        }
        encoded = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(encoded.encode("ascii")).hexdigest()

    def to_json(self) -> dict[str, str | int | None]:
        """A JSON-safe form, the logo in base64; `from_json` reads it back."""
        logo = None if self.logo is None else base64.b64encode(self.logo).decode("ascii")
        return {
            "text": self.text,
            "strength": self.strength,
            "line2": self.line2,
            "logo": logo,
            "code_version": self.code_version,
        }

    @classmethod
    def from_json(cls, value: dict[str, str | int | None]) -> Recipe:
        """Read what `to_json` wrote. Raises RecipeError if it isn't that."""
        try:
            logo = value["logo"]
            return cls(
                text=str(value["text"]),
                strength=_strength(value["strength"]),
                line2=str(value["line2"]),
                logo=None if logo is None else base64.b64decode(str(logo), validate=True),
                code_version=int(value["code_version"] or 0),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise RecipeError from fault


def _strength(value: object) -> Strength:
    for known in get_args(Strength):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise RecipeError("The mark's strength must be light, standard or strong.")
