"""From an address to a store, and what is said of an address that names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.backends.file import FileStore
from storage.blobstore import BadAddress
from storage.opening import open_store, schemes


def test_a_backend_is_a_file_that_is_found() -> None:
    assert schemes() == ["file", "memory", "s3"]


def test_a_folder_is_made_where_the_address_says(tmp_path: Path) -> None:
    store = open_store((tmp_path / "a folder" / "vault").as_uri())
    assert isinstance(store, FileStore)
    assert store.root == tmp_path / "a folder" / "vault"
    assert store.root.stat().st_mode & 0o777 == 0o700


def test_an_unknown_scheme_is_named_and_its_password_is_not() -> None:
    with pytest.raises(BadAddress, match=r"'gopher'.*file:, memory:, s3:") as caught:
        open_store("gopher://user:secret@host/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "/var/lib/vault", "vault", "file:vault", "file:///", "file://server/share", "file:///a%00b"]
)
def test_what_is_no_address_is_refused_plainly(url: str) -> None:
    with pytest.raises(BadAddress, match="file:///"):
        open_store(url)


@pytest.mark.parametrize("url", [".:", "..:x", "__init__:x", "file.x:", "os:"])
def test_a_scheme_cannot_reach_another_module(url: str) -> None:
    with pytest.raises(BadAddress):
        open_store(url)
