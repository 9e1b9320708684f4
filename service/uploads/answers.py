"""Uploads as the API answers them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from service.deliveries.models import Asset
from service.uploads.models import Upload
from service.uploads.protocol import metadata


class UploadOut(BaseModel):
    """A file on its way in: ``offset`` of ``size`` bytes are safe. Go on at ``url``, before ``expires_at``. ``given`` is
    the metadata as it was sent."""

    id: str
    url: str
    filename: str
    path: str
    tier: str
    given: dict[str, str]
    size: int
    offset: int
    expires_at: datetime


class KeptOut(BaseModel):
    """A file that is in the delivery already."""

    filename: str
    path: str
    size: int
    sha256: str


class UploadList(BaseModel):
    """What a program needs to go on after a break: ``items`` have begun, ``kept`` need not be sent again."""

    items: list[UploadOut]
    kept: list[KeptOut]


def place_of(row: Upload) -> str:
    """Where the upload is continued."""
    return f"/api/v1/uploads/{row.id}"


def upload_out(row: Upload) -> UploadOut:
    return UploadOut(
        id=row.id,
        url=place_of(row),
        filename=row.filename,
        path=row.path,
        tier=row.tier,
        given=metadata({"upload-metadata": row.given}),
        size=row.size,
        offset=row.offset,
        expires_at=row.expires_at,
    )


def kept_out(asset: Asset) -> KeptOut:
    return KeptOut(filename=asset.filename, path=asset.path, size=asset.size, sha256=asset.sha256)
