"""The ZIP layout: valid, exactly as long as it says, and the same from any offset."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kit.names import safe_path, unique_names
from service.releases.archive import Archive, Entry, Stored

MODIFIED = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)


def entry(name: str, content: bytes, key: str) -> Entry:
    return Entry(name, len(content), zlib.crc32(content), MODIFIED, key)


def read(archive: Archive, store: dict[str, bytes], start: int, stop: int) -> bytes:
    parts = []
    for piece in archive.pieces(start, stop):
        parts.append(store[piece.key][piece.start : piece.stop] if isinstance(piece, Stored) else piece)
    return b"".join(parts)


def made(contents: list[tuple[str, bytes]]) -> tuple[Archive, dict[str, bytes]]:
    store = {str(i): content for i, (_name, content) in enumerate(contents)}
    return Archive([entry(name, content, str(i)) for i, (name, content) in enumerate(contents)]), store


def test_a_zip_reader_finds_every_file_intact() -> None:
    contents = [("kāzas/001.jpg", b"first" * 999), ("tukšs.txt", b""), ("😀.bin", bytes(range(256)))]
    archive, store = made(contents)
    whole = read(archive, store, 0, archive.size)
    assert len(whole) == archive.size
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert [(i.filename, opened.read(i)) for i in opened.infolist()] == contents
        assert opened.infolist()[0].date_time == (2026, 3, 2, 9, 0, 2)


def test_an_empty_archive_is_a_valid_zip() -> None:
    archive, store = made([])
    with zipfile.ZipFile(io.BytesIO(read(archive, store, 0, archive.size))) as opened:
        assert opened.namelist() == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_any_range_is_that_range_of_the_whole(blobs: list[bytes], data: st.DataObject) -> None:
    archive, store = made([(f"{i}.bin", blob) for i, blob in enumerate(blobs)])
    whole = read(archive, store, 0, archive.size)
    start = data.draw(st.integers(0, archive.size))
    stop = data.draw(st.integers(start, archive.size))
    assert read(archive, store, start, stop) == whole[start:stop]


@pytest.mark.parametrize(
    ("sizes", "count"), [([5 * 2**30, 10], 2), ([2**32 - 1, 1], 2), ([3 * 2**30, 3 * 2**30, 7], 3)]
)
def test_zip64_records_appear_where_sizes_or_offsets_need_them(sizes: list[int], count: int) -> None:
    archive = Archive([Entry(f"{i}.bin", size, 0, MODIFIED, str(i)) for i, size in enumerate(sizes)])
    sparse = SparseFile(archive)
    with zipfile.ZipFile(sparse) as opened:  # reads the directory only
        assert [info.file_size for info in opened.infolist()] == sizes
        assert len(opened.infolist()) == count


def test_more_than_65535_files_need_zip64_too() -> None:
    archive = Archive([Entry(f"{i}.bin", 0, 0, MODIFIED, str(i)) for i in range(65_600)])
    with zipfile.ZipFile(SparseFile(archive)) as opened:
        assert len(opened.infolist()) == 65_600


class SparseFile(io.RawIOBase):
    """The archive as a file whose originals are zeros that exist nowhere."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.at = archive, 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.archive.size)[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        stop = self.archive.size if size < 0 else min(self.archive.size, self.at + size)
        parts = [bytes(p.stop - p.start) if isinstance(p, Stored) else p for p in self.archive.pieces(self.at, stop)]
        self.at = stop
        return b"".join(parts)


@given(st.lists(st.text(max_size=60), max_size=30))
def test_promise_26_names_in_the_zip_are_relative_unique_and_harmless(names: list[str]) -> None:
    safe = unique_names([safe_path(name) for name in names])
    assert len({name.casefold() for name in safe}) == len(safe)
    for name in safe:
        parts = name.split("/")
        assert all(part not in {"", ".", ".."} for part in parts)
        assert not name.startswith("/")
        assert not any(ord(c) < 32 or c in '\\:*?"<>|' for c in name)
