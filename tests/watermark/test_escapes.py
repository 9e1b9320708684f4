"""Promise 24: from inside a real child, everything that decoding does not need is tried, and nothing goes through.

Then with each wall missing, and with each wall alone: what the missing wall alone would have stopped goes through, so this
test fails when a wall is removed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watermark.conftest import KEY, corners, saved
from tests.watermark.escapes import ESCAPES, WALLS, folder, pages_without
from watermark import Limits, Recipe, RecipeError, Sandbox
from watermark.walls.kernel import landlock_version
from watermark.walls.layers import sandbox_layers

VERSION = landlock_version()
POWERFUL = int(re.findall(r"CapEff:\s*(\w+)", Path("/proc/self/status").read_text())[0], 16) != 0
"""Root, with its powers: there the second wall can be seen at work."""

FILES = {"open", "listdir", "write", "unlink", "rename", "exec", "parent's environment"}
TRACING = {"ptrace", "parent's memory"}
STOPS = {
    "limits": {"write", "2 GiB", "descriptors"},
    "privileges": {"root's powers", "parent's environment", *TRACING} if POWERFUL else set(),
    "landlock": FILES | TRACING | ({"connect"} if VERSION >= 4 else set()) | ({"kill"} if VERSION >= 6 else set()),
    "seccomp": set(ESCAPES) - {"2 GiB", "descriptors"},
}
NEVER = set() if POWERFUL else {"root's powers"}
"""What goes through nowhere, for it is not ours to give away."""

MISSING = [
    frozenset(),
    frozenset(WALLS),
    *(frozenset({wall}) for wall in WALLS),
    *(frozenset(WALLS) - {wall} for wall in WALLS),
]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, Sandbox(marker="tests.watermark.escapes:escaping_mark") as made:
        patch.setenv("TILLPAID_SECRET_KEYS", "hunter2")
        yield made


@pytest.fixture
def original() -> Iterator[Path]:
    here = folder(os.getpid())
    here.mkdir()
    for name in ("victim", "second"):
        (here / name).write_text("x")
    (here / "original.png").write_bytes(saved(corners(), "PNG"))
    yield here / "original.png"
    shutil.rmtree(here)


def told(box: Sandbox, original: Path, text: str) -> list[str]:
    with pytest.raises(RecipeError) as caught, box.ingest(original, filename="", recipe=Recipe(text), key=KEY) as parts:
        list(parts)
    return caught.value.public.split("|")


def test_this_machine_has_every_wall() -> None:
    assert [layer.name for layer in sandbox_layers() if layer.missing] == []
    assert tuple(layer.name for layer in sandbox_layers()) == WALLS


@pytest.mark.parametrize("missing", MISSING, ids=lambda walls: "without " + (", ".join(sorted(walls)) or "none"))
def test_promise_24_what_goes_through_with_every_wall_and_without_each(
    box: Sandbox, original: Path, missing: frozenset[str]
) -> None:
    box.limits = Limits(pages=pages_without(missing))
    stopped = set().union(*(STOPS[wall] for wall in WALLS if wall not in missing)) | NEVER
    unsure = {"io_uring"} if "limits" not in missing else set()  # some kernels count its rings as locked memory
    assert set(told(box, original, "try")) - {"through"} - unsure == set(ESCAPES) - stopped - unsure
    if not missing:
        assert set(told(box, original, "try")) == {"through"}
        assert (original.parent / "victim").exists() and not (original.parent / "new").exists()


def test_no_secret_is_inherited_and_threads_may_be_started(box: Sandbox, original: Path) -> None:
    box.limits = Limits(pages=pages_without(frozenset()))
    secrets, descriptors, threads = told(box, original, "look around")
    assert secrets == ""
    # Standard streams, the channel and the file; the last is the listener that the test itself opened.
    assert int(descriptors) <= 6
    assert threads == "1"
