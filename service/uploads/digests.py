"""What the bytes so far hash to, remembered in this process between two requests.

SHA-256 and CRC-32 are made while the bytes pass through. Python cannot write a half-made hash down, so it is kept in
memory under the upload's id and the offset it stands for. Where it is missing (a restart, another node), the whole file
is read back once, at its end. Losing it costs time, never a wrong digest: it counts only at exactly its offset.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from zlib_ng import zlib_ng

from service.wiring import Wiring

MOST = 2000


@dataclass
class Digest:
    """Over the first ``offset`` bytes."""

    offset: int = 0
    crc32: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    def update(self, data: bytes) -> None:
        self.sha256.update(data)
        self.crc32 = zlib_ng.crc32(data, self.crc32)
        self.offset += len(data)

    def copy(self) -> Digest:
        return Digest(self.offset, self.crc32, self.sha256.copy())


class Digests:
    """The newest ones, by upload. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Digest] = OrderedDict()
        self._guard = threading.Lock()

    def at(self, upload_id: str, offset: int) -> Digest | None:
        """One that may be added to, or None where nothing is known."""
        if offset == 0:
            return Digest()
        with self._guard:
            found = self._kept.get(upload_id)
            return found.copy() if found is not None and found.offset == offset else None

    def keep(self, upload_id: str, digest: Digest) -> None:
        with self._guard:
            self._kept[upload_id] = digest.copy()
            self._kept.move_to_end(upload_id)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def forget(self, upload_id: str) -> None:
        with self._guard:
            self._kept.pop(upload_id, None)


def digests_of(wiring: Wiring) -> Digests:
    """This process's."""
    found: Digests = wiring.memo.setdefault("uploads.digests", Digests())
    return found
