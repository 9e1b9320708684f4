"""How much one file may cost. Past a limit the file becomes a card or a clear error, never a guess."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

PROOF_SIDE: Final = 2048
"""Long side of a proof and of the marked master, pixels."""

SIZES: Final = (2048, 960, 480)
"""Long sides of the renditions, pixels; the first is the marked master."""

MIB: Final = 1 << 20

HEAVY_BYTES: Final = 256 * MIB
"""A file larger than this is heavy whatever it is."""


@dataclass(frozen=True)
class Limits:
    """Caps for one file. Pixels are counted from the header, before anything is decoded.

    A JPEG is decoded at an eighth if need be, so it may be larger than other pictures, which are held whole: four
    bytes a pixel in Pillow, so 150 megapixels are 600 MB of the gigabyte. What a format needs beyond is estimated by
    its renderer against `memory`.
    """

    jpeg_pixels: int = 400_000_000
    raster_pixels: int = 150_000_000
    pages: int = 60
    """Pages rendered; the count in the header is the true one."""
    source_bytes: int = 4096 * MIB
    memory: int = 1024 * MIB
    """Resident bytes of the child, about; enforced as RLIMIT_DATA."""
    cpu_seconds: int = 90
    wall_seconds: float = 120.0
    output_bytes: int = 48 * MIB
    """Bytes of one answer (one page with its proof and renditions)."""

    def to_json(self) -> dict[str, int | float]:
        """A JSON-safe form: `Limits(**value)` reads it back."""
        return asdict(self)
