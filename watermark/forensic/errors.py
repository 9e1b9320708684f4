"""What the forensic mark refuses.

ForensicError
├── NotAPicture   the array is not 8-bit grey, RGB or RGBA with at least one pixel
├── NotAPayload   the payload does not fit in the codec's bits
└── TooSmall      the picture cannot carry the mark; it is left as it was, and the caller decides whether to show it
"""


class ForensicError(ValueError):
    """Anything the forensic mark refuses; the text may be shown."""


class NotAPicture(ForensicError):
    """Not an 8-bit picture."""


class NotAPayload(ForensicError):
    """Not a whole number within the codec's bits."""


class TooSmall(ForensicError):
    """Too few pixels for a mark that could be read back."""
