"""A store that takes requests and answers none.

Each of them holds a thread until its time is up; with a crowd, all threads there are. So once one has waited to its end,
with no answer to any other meanwhile, the next are refused at once, but for one now and then that asks again.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from storage.blobstore import Unavailable

AGAIN_SECONDS = 5.0


class Hang:
    """What a client's requests have come to. ``seconds`` is how long one waits for the first or the next byte.

    ``_until``: when the next may ask, while the store hangs; else 0.
    """

    def __init__(self, client: Any, seconds: float) -> None:
        self._seconds, self._guard = seconds, threading.Lock()
        self._answered = self._until = 0.0
        client.meta.events.register("before-send.s3", self._before)
        client.meta.events.register("response-received.s3", self._after)

    def _before(self, **_: Any) -> None:
        """Raises Unavailable while nobody should ask."""
        now = time.monotonic()
        with self._guard:
            if now < self._until:
                raise Unavailable("the store has answered nobody lately")
            if self._until:  # this one tries; the others wait for what it finds
                self._until = now + self._seconds + AGAIN_SECONDS

    def _after(self, exception: BaseException | None = None, **_: Any) -> None:
        now = time.monotonic()
        with self._guard:
            if isinstance(exception, ReadTimeoutError | ConnectTimeoutError):
                if self._until or now - self._answered >= self._seconds:
                    self._until = now + AGAIN_SECONDS
            elif not isinstance(exception, Unavailable):  # an answer, or a clear no: nobody waits long for either
                self._answered, self._until = now, 0.0
