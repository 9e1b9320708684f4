"""What the forensic mark refuses.

WatermarkError
└── ForensicError       the texts may be shown; trying again changes nothing
    ├── NotAPicture     the array is not 8-bit grey, RGB or RGBA with at least one pixel
    ├── NotAPayload     the payload does not fit in the codec's bits
    └── TooSmall        the picture can't carry the mark; the caller decides whether to show it without
"""

from watermark.errors import WatermarkError


class ForensicError(WatermarkError, ValueError):
    """Anything the forensic mark refuses."""

    code = "mark_failed"


class NotAPicture(ForensicError):
    """Not an 8-bit picture."""


class NotAPayload(ForensicError):
    """Not a whole number within the codec's bits."""


class TooSmall(ForensicError):
    """Too few pixels for a mark that could be read back."""

    code = "too_small_to_trace"
