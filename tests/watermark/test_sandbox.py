"""What happens in the child stays in the child."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.watermark.conftest import FAKE, KEY, RECIPE, Run, corners, saved
from watermark import Limits, MarkFailed, Page, Recipe, RecipeError, RenderStopped, Sandbox

PNG = saved(corners(), "PNG")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original.png"
    path.write_bytes(PNG)
    return path


def consume(box: Sandbox, path: Path | int, text: str = "plain") -> list[object]:
    with box.ingest(path, filename="a.png", recipe=Recipe(text), key=KEY) as parts:
        return list(parts)


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int, within: float = 5) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


@pytest.mark.parametrize(
    ("text", "code"), [("crash", "crashed"), ("vanish", "crashed"), ("hog", "out_of_memory"), ("write", "mark_failed")]
)
def test_a_dying_child_is_a_clear_error(sandbox: Sandbox, original: Path, text: str, code: str) -> None:
    with pytest.raises((RenderStopped, MarkFailed)) as caught:
        consume(sandbox, original, text)
    # Writing past RLIMIT_FSIZE raises EFBIG in Python, which ignores SIGXFSZ.
    assert caught.value.code == code
    assert len(consume(sandbox, original)) == 2


@pytest.mark.parametrize("text", ["raise", "clean", "other shape"])
def test_a_failed_mark_gives_no_picture(sandbox: Sandbox, original: Path, text: str) -> None:
    seen = []
    with pytest.raises(MarkFailed), sandbox.ingest(original, filename="", recipe=Recipe(text), key=KEY) as parts:
        seen.extend(parts)
    assert not any(isinstance(part, Page) for part in seen)


@pytest.mark.parametrize(("text", "limits"), [("sleep", Limits(wall_seconds=0.5)), ("loop", Limits(cpu_seconds=1))])
def test_a_hang_is_ended(original: Path, text: str, limits: Limits) -> None:
    with Sandbox(limits, marker=FAKE) as box:
        with pytest.raises(RenderStopped) as caught:
            consume(box, original, text)
        assert caught.value.code == "timed_out"
        assert len(consume(box, original)) == 2


def test_the_parent_is_replaced_when_killed(original: Path) -> None:
    with Sandbox(marker=FAKE) as box:
        consume(box, original)
        first = box.zygote_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert len(consume(box, original)) == 2
        assert box.zygote_pid != first


def test_killing_the_parent_ends_its_children(original: Path) -> None:
    with Sandbox(marker=FAKE) as box:
        parts = box.ingest(original, filename="", recipe=Recipe("sleep"), key=KEY)
        next(parts)
        assert box.zygote_pid is not None
        child = wait_for_child(box.zygote_pid)
        os.kill(box.zygote_pid, signal.SIGKILL)
        with pytest.raises(RenderStopped) as caught:
            next(parts)
        assert caught.value.code == "crashed"
        assert gone(child)


def wait_for_child(pid: int) -> int:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if found := children(pid):
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no child")


def test_no_orphan_after_kill_9_of_the_service(original: Path, tmp_path: Path) -> None:
    script = f"""
import sys, threading
from watermark import *
box = Sandbox(marker={FAKE!r})
def work(text):
    with box.ingest({str(original)!r}, filename="", recipe=Recipe(text), key=b"k") as parts: list(parts)
work("plain")
print(box.zygote_pid, flush=True)
work("sleep")
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as service:
        assert service.stdout is not None
        zygote = int(service.stdout.readline())
        child = wait_for_child(zygote)
        service.kill()
    assert gone(zygote)
    assert gone(child)


def test_a_service_stopped_while_the_parent_starts_leaves_no_trouble_in_the_log() -> None:
    """It may be gone before "ready" can be said, or go without having read it: both are an ordinary end."""
    for unread in (False, True):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "watermark.zygote", str(theirs.fileno()), FAKE]
        with theirs:
            parent = subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True)
        with ours:
            if unread:
                assert select.select([ours], [], [], 60)[0]
        assert parent.communicate(timeout=60)[1] == ""
        assert parent.returncode == 0


def test_leaving_early_ends_the_child(sandbox: Sandbox, original: Path) -> None:
    consume(sandbox, original)
    assert sandbox.zygote_pid is not None
    parts = sandbox.ingest(original, filename="", recipe=Recipe("sleep"), key=KEY)
    next(parts)
    child = wait_for_child(sandbox.zygote_pid)
    parts.close()
    assert gone(child)


def test_four_threads_at_once(sandbox: Sandbox, original: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: consume(sandbox, original), range(16)))
    assert all(parts == done[0] for parts in done)


def test_a_descriptor_is_enough_and_keeps_its_place(sandbox: Sandbox, original: Path) -> None:
    with original.open("r+b") as file:
        file.seek(7)
        assert len(consume(sandbox, file.fileno())) == 2
        assert file.tell() == 7


def test_nothing_is_left_running(sandbox: Sandbox, original: Path) -> None:
    for _ in range(5):
        consume(sandbox, original)
    assert sandbox.zygote_pid is not None
    until = time.monotonic() + 5
    while children(sandbox.zygote_pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not children(sandbox.zygote_pid)
    assert len(list(Path(f"/proc/{sandbox.zygote_pid}/fd").iterdir())) < 12


def test_a_bad_recipe_says_why(sandbox: Sandbox, original: Path) -> None:
    with pytest.raises(RecipeError, match="longer than 500"):
        sandbox.ingest(original, filename="", recipe=Recipe("x" * 501), key=KEY)


def test_the_web_process_loads_no_decoder() -> None:
    script = "import sys, watermark; print([m for m in ('cv2', 'PIL', 'numpy', 'pypdfium2', 'simplejpeg') if m in sys.modules])"
    root = str(Path(__file__).parents[2])
    told = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_settings_preview(sandbox: Sandbox) -> None:
    shown = sandbox.preview(RECIPE, size=480)
    assert shown.startswith(b"\xff\xd8") and shown.endswith(b"\xff\xd9")


def test_with_the_real_mark(ingested: Run) -> None:
    with Sandbox() as box:
        header, (page,) = ingested(saved(corners(900, 600), "JPEG"), "a.jpg", Recipe("Paraugs · Ānna"), box)
        assert header.kind == "picture"
        again = box.remark(page.proof, recipe=Recipe("Another"), key=KEY, page=1)
        assert again.pictures != page.renditions
