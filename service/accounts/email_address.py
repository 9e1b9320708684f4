"""An e-mail address as people type it, checked only for what would make it unusable."""

from __future__ import annotations

import re

from service.errors import BadInput
from service.kit.translate import N_

_SHAPE = re.compile(r"[^@\s\x00-\x1f\x7f<>()\[\]\\,;:\"]+@[^@\s\x00-\x1f\x7f<>()\[\]\\,;:\"]+")


def email_address(text: str, field: str = "email") -> str:
    """The address in lower case; raises BadInput. No line break or separator passes, so it is safe in a header."""
    address = text.strip().lower()
    if len(address) > 254 or not _SHAPE.fullmatch(address):
        raise BadInput(N_("Write the e-mail address like name@example.com."), field=field, code="bad_email")
    return address
