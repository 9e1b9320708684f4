"""Taking in the files of one upload request: every file to the vault, every fault a clear refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from service.deliveries.add_asset import StoredBytes, check_tier
from service.deliveries.multipart import PartBegan, PartData, parts
from service.deliveries.sink import Sink
from service.errors import BadInput, TooLarge
from service.kit.names import base_name, safe_name
from service.kit.translate import N_
from storage.blobstore import BlobStore

MAX_FILES = 1000
MAX_FIELD_BYTES = 4096
FIELD = "file"


def no_room() -> TooLarge:
    return TooLarge(
        N_("There is not enough room left in your studio for this upload. Nothing was kept of it."), code="quota"
    )


@dataclass(frozen=True)
class IncomingFile:
    """A file whose bytes are durable; its name is as it came, without folders."""

    filename: str
    stored: StoredBytes


class Intake:
    """Files and fields of one request. ``max_file`` and ``room`` in bytes; ``room`` None is no limit.

    ``files`` grows while ``receive`` runs: when it raises, they are what the caller has to give back.
    """

    def __init__(self, store: BlobStore, studio_id: str, *, max_file: int, room: int | None) -> None:
        self.files: list[IncomingFile] = []
        self._store, self._studio_id = store, studio_id
        self._max_file, self._room = max_file, room
        self._fields: dict[str, bytes] = {}
        self._field: str = ""
        self._taken = 0
        self._sink: Sink | None = None

    @property
    def tier(self) -> str:
        """The tier that was asked for, before or after the files; final when none was."""
        return self._fields.get("tier", b"").decode("utf-8", "replace").strip() or "final"

    @property
    def replaces(self) -> str:
        """The id of the asset that the one file is a new version of; empty: none."""
        return self._fields.get("replaces", b"").decode("utf-8", "replace").strip()

    async def receive(self, stream: AsyncIterator[bytes], boundary: bytes) -> None:
        """Reads the whole body; raises BadInput, TooLarge, or the store's own errors."""
        try:
            async for event in parts(stream, boundary):
                match event:
                    case PartBegan():
                        self._begin(event)
                    case PartData():
                        await self._take(event.data)
                    case _:
                        await self._end()
        except BaseException:
            if self._sink is not None:
                await self._sink.abort()
            raise
        check_tier(self.tier)
        if not self.files:
            raise BadInput(N_("Choose at least one file."), code="no_file", field=FIELD)
        if self.replaces and len(self.files) != 1:
            raise BadInput(N_("Choose one file for the new version."), code="one_file", field=FIELD)

    def _begin(self, part: PartBegan) -> None:
        self._field = part.name
        if part.filename is None:
            if part.name == FIELD:
                raise BadInput(N_("Send each file as a file, with its name."), code="no_file_name", field=FIELD)
            return
        if part.name != FIELD:
            raise BadInput(N_("Send files in the field named file."), code="unknown_file_field", field=FIELD)
        if len(self.files) >= MAX_FILES:
            raise BadInput(
                N_("Send at most %(count)s files at once. Nothing was kept of this upload."),
                code="too_many_files",
                field=FIELD,
                count=MAX_FILES,
            )
        self._sink = Sink(self._store, base_name(part.filename), self._max_file)

    async def _take(self, data: bytes) -> None:
        if self._sink is not None:
            self._taken += len(data)
            if self._room is not None and self._taken > self._room:
                raise no_room()
            await self._sink.write(data)
            return
        self._fields[self._field] = self._fields.get(self._field, b"") + data
        if sum(len(name) + len(value) for name, value in self._fields.items()) > MAX_FIELD_BYTES:
            raise BadInput(N_("The form's fields are longer than expected."), code="long_field")

    async def _end(self) -> None:
        sink, self._sink = self._sink, None
        if sink is None:
            return
        if not sink.size:
            if not sink.filename:  # what browsers send when nothing was chosen
                return
            raise BadInput(
                N_("The file %(name)s is empty, so nothing was kept of this upload. Choose it again or leave it out."),
                code="empty_file",
                field=FIELD,
                name=safe_name(sink.filename),
            )
        try:
            stored = await sink.finish(self._studio_id)
        except BaseException:
            await sink.abort()
            raise
        self.files.append(IncomingFile(sink.filename, stored))
