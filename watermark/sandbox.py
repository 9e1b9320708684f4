"""Decode strangers' files in a child process of their own; the client's side.

One `Sandbox` for a whole program: it may be used from many threads at once. It starts `watermark.zygote` on first use,
again if that has died, and anew in a forked copy of the program. Its one lock is held only while a job is handed over.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from watermark.answers import read_header, read_imprint, read_outside, read_page, read_readings, read_renditions
from watermark.child_process import ChildProcess, next_answer
from watermark.errors import RenderStopped
from watermark.layout import bare_jpeg_size
from watermark.limits import MIB, Limits
from watermark.outside import workers
from watermark.outside.task import Part, Task
from watermark.recipe import Recipe
from watermark.results import ALL, Clip, Imprint, Kind, Outside, Readings, Renditions, Wanted
from watermark.walls.layers import insist

MARKER: Final = "watermark.visible.mark:apply_mark"
MALLOC: Final = {
    "MALLOC_TRIM_THRESHOLD_": str(256 * MIB),
    "MALLOC_MMAP_THRESHOLD_": str(128 * MIB),
    "MALLOC_TOP_PAD_": str(32 * MIB),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Keep freed picture buffers for the next step, and take memory in pages of 2 MiB where the kernel has them: a child lives
for one file. The first halved its system time (143 to 75 ms for 24 megapixels); with the second a 12-megapixel JPEG took 3 ms of it
instead of 94, an AVIF 2,900 page faults instead of 28,500, and neither more memory."""
START_SECONDS: Final = 60.0


class Ingest:
    """The parts of one ingest: an iterator and a context manager. Leaving it early ends the child."""

    def __init__(self, parts: Iterator[Part], child: ChildProcess) -> None:
        self._parts, self._child = parts, child

    def __iter__(self) -> Iterator[Part]:
        return self

    def __next__(self) -> Part:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Ingest:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child if it still runs. May be called twice."""
        self._child.close()


class Sandbox:
    """`marker` is `module:function`, importable in a fresh interpreter (see `watermark.steps.mark.Marker`).

    `require` names layers (`watermark.walls.layers`) without which every job is refused as `sandbox_unavailable`.
    """

    def __init__(
        self, limits: Limits | None = None, *, marker: str = MARKER, require: Collection[str] = frozenset()
    ) -> None:
        self.limits = limits or Limits()
        self._require = require
        self._marker = marker
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def ingest(
        self, source: int | str | Path, *, filename: str, recipe: Recipe, key: bytes, wanted: Wanted = ALL
    ) -> Ingest:
        """Decode and mark one original: a path, or a descriptor of a regular file that stays the caller's.

        Yields one Header, then each Page as the child makes it; never more than one page is held. Of a film or a sound
        also a Clip at the end, unless none could be made; an outside program's pages come all, whatever is `wanted`. `filename` is
        compared with the content, nothing else. `key` is the asset's. A file that can't be shown gives a card's Header.
        Where page 1 is not `wanted`, no Header comes; pages that there are not are left out.
        Raises OSError if the source can't be opened, RecipeError, MarkFailed, Postponed, RenderStopped (`timed_out`,
        `out_of_memory`, `crashed`, `bad_answer`, `sandbox_unavailable`), the last ones also between pages.
        """
        recipe.validate()
        told: dict[str, Any] = {"do": "ingest", "filename": filename[-300:], "wanted": asdict(wanted)}
        told |= {"recipe": recipe.to_json(), "key": key.hex()}
        opened = _reopened(source)
        try:
            child = self.start(opened, told)
        finally:
            os.close(opened)
        task = Task(self, -1, "", (), recipe, key)
        return Ingest(_parts(child, recipe, wanted, task, source), child)

    def remark(self, proof: bytes, *, recipe: Recipe, key: bytes, page: int) -> Renditions:
        """The renditions, made anew from a kept proof. Raises as `ingest`, and BadSource if it is no proof."""
        recipe.validate()
        told = {"do": "remark", "page": page, "recipe": recipe.to_json(), "key": key.hex()}
        with self._start_on([proof], told) as child:
            answer, blobs = next_answer(child, "renditions")
            renditions = read_renditions(answer, blobs)
            next_answer(child, "end")
        return renditions

    def remark_clip(self, clip_kind: Kind, clean: bytes, *, recipe: Recipe, key: bytes) -> Clip:
        """A kept clip with the mark laid anew. Raises MarkFailed, RenderStopped, BadSource if it is no clip of ours."""
        from watermark.outside import films, sounds  # noqa: PLC0415 - which import this module's names

        recipe.validate()
        task = Task(self, -1, "video/mp4", (), recipe, key)
        return films.burn(task, clean) if clip_kind == "film" else sounds.excerpt_of(task, clean)

    def preview(self, recipe: Recipe, *, key: bytes = b"preview", size: int = 960) -> bytes:
        """A JPEG of a drawn landscape with the mark, long side `size` pixels (16 to 2048). Raises as `remark`."""
        recipe.validate()
        size = min(2048, max(16, size))
        told = {"do": "preview", "size": size, "recipe": recipe.to_json(), "key": key.hex()}
        nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        try:
            child = self.start(nothing, told)
        finally:
            os.close(nothing)
        with child:
            _, blobs = next_answer(child, "preview")
            if len(blobs) != 1 or max(bare_jpeg_size(blobs[0])) > size:
                raise RenderStopped(code="bad_answer")
            next_answer(child, "end")
        return blobs[0]

    def imprint(self, marked: Sequence[bytes], *, payload: int, key: bytes) -> list[Imprint]:
        """Each of these bare JPEGs with a link's forensic mark (48 bits), read back from the bytes that are returned.
        What can't carry it comes back as it was given. Raises as `remark`."""
        told = {"do": "imprint", "lengths": [len(one) for one in marked], "payload": payload, "key": key.hex()}
        with self._start_on(marked, told) as child:
            made = [read_imprint(*next_answer(child, "imprint"), one) for one in marked]
            next_answer(child, "end")
        return made

    def trace(
        self, source: int | str | Path, *, filename: str, keys: Sequence[bytes], seconds: float = 60.0
    ) -> Readings:
        """The link ids in a found file of any kind: its first pages, by any of `keys`, in at most `seconds`.

        Raises BadSource for what is no picture, RenderStopped, OSError if the source can't be opened.
        """
        limits = replace(self.limits, wall_seconds=min(seconds, self.limits.wall_seconds))
        told = {"do": "trace", "filename": filename[-300:], "keys": [key.hex() for key in keys]}
        opened = _reopened(source)
        try:
            child = self.start(opened, told, limits)
        finally:
            os.close(opened)
        with child:
            readings = read_readings(*next_answer(child, "readings"), len(keys))
            next_answer(child, "end")
        return readings

    def close(self) -> None:
        """End the parent and all its children. The next use starts a new one."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def zygote_pid(self) -> int | None:
        """The parent's process id, None before the first use."""
        return self._zygote.pid if self._zygote else None

    def _start_on(self, contents: Sequence[bytes], told: dict[str, Any]) -> ChildProcess:
        """Hand over a job whose source is these bytes, one after the other."""
        with os.fdopen(os.memfd_create("ours", os.MFD_CLOEXEC), "wb") as file:
            file.writelines(contents)
            file.flush()
            opened = _reopened(file.fileno())
        try:
            return self.start(opened, told)
        finally:
            os.close(opened)

    def start(self, source: int, told: dict[str, Any], limits: Limits | None = None) -> ChildProcess:
        """Hand a job on an open file over, and get its child; a parent found dead is replaced, once. For this library.

        Raises RenderStopped (`sandbox_unavailable`)."""
        insist(self._require)
        limits = limits or self.limits
        told["limits"] = limits.to_json()
        for last in (False, True):
            with self._lock:
                control = self._connected()
                try:
                    return ChildProcess(control, source, told, limits)
                except OSError as fault:
                    self._stop()
                    if last:
                        raise RenderStopped(code="sandbox_unavailable") from fault
        raise RenderStopped(code="sandbox_unavailable")

    def _connected(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            if self._zygote is not None and self._zygote.poll() is None:
                return self._control
            self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(__file__).resolve().parents[1])
        # Started in the checkout's or site-packages' folder by name (-P): the folder one happens to be in is not searched.
        command = [sys.executable, "-P", "-m", "watermark.zygote", str(theirs.fileno()), self._marker]
        environment = {
            **_harmless(os.environ),
            "PYTHONPATH": root,
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            **MALLOC,
        }
        with theirs:
            zygote = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, cwd="/"
            )
        self._zygote, self._control, self._owner = zygote, ours, os.getpid()
        ours.settimeout(START_SECONDS)
        try:
            ready = ours.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            self._stop()
            raise RenderStopped(code="sandbox_unavailable")
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._zygote is not None and self._owner == os.getpid():
            self._zygote.kill()  # its children die with it (PR_SET_PDEATHSIG)
            self._zygote.wait()
        self._zygote = self._control = None


def _parts(child: ChildProcess, recipe: Recipe, wanted: Wanted, task: Task, source: int | str | Path) -> Iterator[Part]:
    last = min(wanted.last or child.limits.pages, child.limits.pages)
    if wanted.first == 1:
        told, blobs = next_answer(child, "header", "outside")
        if told["type"] == "outside":
            next_answer(child, "end")
            yield from _by_program(task, read_outside(told, blobs), source)
            return
        header = read_header(told, blobs)
        yield header
        last = 0 if header.kind == "card" else min(header.page_count, last)
    for number in range(wanted.first, last + 1):
        told, blobs = next_answer(child, "page", "end")
        if told["type"] == "end" and wanted.first > 1:
            return  # it has no such page
        yield read_page(told, blobs, number, recipe)
    next_answer(child, "end")


def _by_program(task: Task, told: Outside, source: int | str | Path) -> Iterator[Part]:
    """What an outside program makes of the file: all of it, however much is wanted now."""
    work = workers().get(told.media_type)
    if work is None:
        raise RenderStopped(code="bad_answer")
    opened = _reopened(source)
    try:
        yield from work(replace(task, source=opened, media_type=told.media_type, notes=told.notes))
    finally:
        os.close(opened)


def _reopened(source: int | str | Path) -> int:
    """A read-only descriptor with a file position of its own, whatever the caller's is open for."""
    path = f"/proc/self/fd/{source}" if isinstance(source, int) else source
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _harmless(environment: os._Environ[str]) -> dict[str, str]:
    """The environment without the service's secrets: what decodes strangers' files has no use for them."""
    kept = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "HOME")
    return {name: environment[name] for name in kept if name in environment}
