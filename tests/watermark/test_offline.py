"""Marking one file on one's own machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watermark.conftest import corners, pixels, saved
from watermark import BadSource
from watermark.offline import mark_file


def test_a_file_is_marked(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(saved(corners(900, 600), "PNG"))
    header = mark_file(tmp_path / "in.png", tmp_path / "out.jpg", "Sample")
    assert (header.width, header.height) == (900, 600)
    assert pixels((tmp_path / "out.jpg").read_bytes()).shape == (600, 900, 3)


def test_nothing_is_written_for_what_cant_be_shown(tmp_path: Path) -> None:
    (tmp_path / "in.jpg").write_bytes(b"")
    with pytest.raises(BadSource) as caught:
        mark_file(tmp_path / "in.jpg", tmp_path / "out.jpg", "Sample")
    assert caught.value.code == "empty_file"
    assert not (tmp_path / "out.jpg").exists()
