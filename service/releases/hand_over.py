"""Having somebody else send an original that was redeemed: nginx, from its disk, or the S3 store itself.

Only an original that ``redeem`` gave out comes here: what is checked and counted there stays so. A ZIP is always ours to
send. A signed address lives for a minute and cannot be called back: whoever reverses a payment within it may still see that
download begin.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from service.releases.redeem import Redeemed
from service.releases.stream import Body, disposition, headers_of
from service.web.ranges import ByteRange
from service.wiring import Wiring
from storage.blobstore import LocalPath, Presigns

INSIDE = "/_vault"
"""nginx's name for the vault's objects; ``internal`` there, so no client can ask for it."""
LASTS = timedelta(seconds=60)


def hand_over(wiring: Wiring, redeemed: Redeemed, body: Body) -> Response | None:
    """The answer that has the one original of ``redeemed`` sent by others; None when it is ours to send."""
    key = redeemed.originals[0][1].storage_key
    headers = headers_of(body, ByteRange(0, body.size, whole=True))
    match wiring.settings.web.downloads, wiring.store:
        case "x-accel", LocalPath() as store:
            del headers["Content-Length"], headers["Accept-Ranges"], headers["ETag"]  # nginx tells of the file itself
            path = store.local_path(key).relative_to(store.folder)
            return Response(headers={**headers, "X-Accel-Redirect": f"{INSIDE}/{quote(str(path))}"})
        case "redirect", Presigns() as store:
            address = store.presign(
                key, lasts=LASTS, disposition=disposition(body.filename), media_type=headers["Content-Type"]
            )
            return RedirectResponse(address, 303, {"Cache-Control": "private, no-store"})
    return None
