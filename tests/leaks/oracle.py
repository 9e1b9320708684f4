"""The canary oracle (PROMISES A): may this answer be given to somebody who has not paid?

It knows nothing of how the service works. It looks at bytes: canary strings, pieces of the original, pictures
larger than the largest rendition, and headers or validators that repeat the original's hash or length.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import warnings
import zlib
from collections.abc import Iterable, Mapping

import numpy as np
from PIL import Image

from tests.originals import Original

LARGEST = 2048
WINDOW = 4096
STEP = 64
SIZES = {"content-length", "content-range", "x-original-size"}
"""Headers that tell how long something is; a Content-Range (RFC 9110) does after its slash."""


class Oracle:
    """Judges answers against a set of originals that are still held."""

    def __init__(self, originals: Iterable[Original]) -> None:
        self.originals = list(originals)
        self.digests = [hashlib.sha256(o.content).hexdigest() for o in self.originals]
        self.whole = {piece for o in self.originals for piece in _pieces(o.content)}
        starts = sorted({piece[:8] for piece in self.whole})
        self.pieces = np.unique(np.frombuffer(b"".join(starts), np.uint64))
        self.judged = 0

    def leaks(self, body: bytes, headers: Mapping[str, str]) -> list[str]:
        """What this answer gives away, in words; empty when nothing."""
        self.judged += 1
        found = [f"header {n}: {why}" for n, v in headers.items() for why in self._header_leaks(n, v)]
        for form in _readings(body):
            found += self._body_leaks(form)
        return found + _picture_leaks(body)

    def _header_leaks(self, name: str, value: str) -> list[str]:
        why = []
        for original, digest in zip(self.originals, self.digests, strict=True):
            if digest in value.lower() or digest[:16] in value.lower():
                why.append("the original's hash")
            if name.lower() in SIZES and value.rpartition("/")[2].strip() == str(len(original.content)):
                why.append(f"the original's length: {value}")
        return why

    def _body_leaks(self, body: bytes) -> list[str]:
        found = [f"canary {s.decode()}" for o in self.originals for s in o.secrets if s in body]
        # Any 4 KiB window of the original holds whole 64-byte pieces at 64-byte steps of the original; a piece is
        # looked for by its first eight bytes, at whatever offset it stands, and then compared whole: words of a format
        # ("0 n" in a PDF's table) stand in other files too.
        hits = sum(self._known(body[shift:]) for shift in range(8))
        if hits >= WINDOW // STEP // 2:
            found.append(f"{hits} pieces of an original")
        return found

    def _known(self, body: bytes) -> int:
        words = np.frombuffer(body[: len(body) // 8 * 8], np.uint64)
        places = np.minimum(np.searchsorted(self.pieces, words), len(self.pieces) - 1)
        hits = np.flatnonzero(self.pieces[places] == words)
        return sum(body[at : at + STEP] in self.whole for at in (hits * 8).tolist())


def _pieces(content: bytes) -> set[bytes]:
    """Aligned pieces that are not trivial (a run of one byte is in every file)."""
    cuts = (content[i : i + STEP] for i in range(0, len(content) - STEP, STEP))
    return {cut for cut in cuts if len(set(cut)) > 16}


def _readings(body: bytes) -> list[bytes]:
    """The body as it came and, where it is compressed, as it reads."""
    readings = [body]
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            readings.append(unpack(body))
        except (OSError, zlib.error, EOFError):
            continue
    return readings


def _picture_leaks(body: bytes) -> list[str]:
    """A picture larger than the largest rendition, or one that carries anything but pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(body))
            picture.load()
    except Exception:  # noqa: BLE001 - whatever does not open as a picture is judged as bytes alone
        return []
    found = []
    if max(picture.size) > LARGEST:
        found.append(f"a picture of {picture.size}")
    extra = set(picture.info) & {"exif", "icc_profile", "xmp", "comment", "photoshop", "mp", "Comment", "Description"}
    if extra:
        found.append(f"a picture with {sorted(extra)}")
    end = body.rfind(b"\xff\xd9") if body.startswith(b"\xff\xd8") else -1
    if end >= 0 and end + 2 != len(body):
        found.append("bytes after the picture's end")
    return found
