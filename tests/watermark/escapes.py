"""A "mark" that tries to get out of the child it runs in, and a way for tests to take single walls away.

Imported by a real parent (`watermark.zygote`), so what is tried is tried from inside a real child. The program itself has
no switch for a wall: here `confine` is replaced in the parent, and `Limits.pages` says which walls are missing.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import watermark.child
from watermark import confine as real
from watermark.errors import RecipeError
from watermark.limits import Limits
from watermark.pipeline import Pixels
from watermark.recipe import Recipe
from watermark.walls import kernel, landlock
from watermark.walls.syscalls import this_machine

WALLS = ("limits", "privileges", "landlock", "seccomp")
GIB = 1 << 30
_libc = ctypes.CDLL(None, use_errno=True)
_calls = this_machine().numbers  # type: ignore[union-attr]
_listener = socket.socket()
_listener.bind(("127.0.0.1", 0))
_listener.listen()
_port = _listener.getsockname()[1]


def folder(client: int) -> Path:
    """Where the client of that pid has laid out what is to be stolen and spoilt."""
    return Path(f"/tmp/tillpaid-escape-{client}")


HERE = folder(os.getppid())


def pages_without(walls: frozenset[str]) -> int:
    """The number of pages that asks for these walls to be missing."""
    return 1000 + sum(1 << WALLS.index(wall) for wall in walls)


def confine(limits: Limits, parent: int) -> None:
    """As the real one, in the child, without the walls that are to be missing."""
    missing = {wall for number, wall in enumerate(WALLS) if (limits.pages - 1000) >> number & 1}
    if "limits" in missing:
        real._limit_resources = lambda limits: None
    if "privileges" in missing:  # but for no_new_privs, without which the next two cannot be had
        kernel.drop_capabilities = lambda: None
    if "landlock" in missing:
        landlock.restrict = lambda *_: None  # type: ignore[assignment,misc]
    if "seccomp" in missing:
        kernel.install_filter = lambda *_: None  # type: ignore[assignment]
    real.confine(limits, parent)


watermark.child.confine = confine


def _call(name: str, *arguments: object) -> None:
    if _libc.syscall(ctypes.c_long(_calls[name]), *arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _connect() -> None:
    with socket.socket() as own:
        own.settimeout(5)
        own.connect(("127.0.0.1", _port))


def _write() -> None:
    (HERE / "new").write_text("x")


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _exec() -> None:
    """In a process of its own if that can be had; if not, what comes of it is this child's end."""
    try:
        pid = os.fork()
    except OSError:
        pid = 0
    if pid == 0:
        try:
            os.execv("/bin/true", ["true"])
        except OSError:
            if os.getpid() == _child[0]:
                raise
            os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise PermissionError


def _parent_memory() -> None:
    piece = ctypes.create_string_buffer(16)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(piece), 16)
    remote = (ctypes.c_size_t * 2)(id(WALLS), 16)
    _call("process_vm_readv", _parent, local, ctypes.c_ulong(1), remote, ctypes.c_ulong(1), ctypes.c_ulong(0))


def _io_uring() -> None:
    _call("io_uring_setup", 1, ctypes.create_string_buffer(120))


def _many_descriptors() -> None:
    for number in [os.dup(1) for _ in range(100)]:
        os.close(number)


ESCAPES: dict[str, Callable[[], object]] = {
    "open": lambda: Path("/etc/passwd").read_bytes(),
    "listdir": lambda: list(Path("/").iterdir()),
    "write": _write,
    "unlink": (HERE / "victim").unlink,
    "rename": lambda: (HERE / "second").rename(HERE / "third"),
    "connect": _connect,
    "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "fork": _fork,
    "exec": _exec,
    # PTRACE_SEIZE does not stop the one it is done to.
    "ptrace": lambda: _call("ptrace", 0x4206, _parent, ctypes.c_void_p(0), ctypes.c_void_p(0)),
    "kill": lambda: os.kill(_parent, 0),
    "memfd": lambda: os.close(os.memfd_create("x")),
    "io_uring": _io_uring,
    "2 GiB": lambda: mmap.mmap(-1, 2 * GIB, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close(),
    "2 GiB shared": lambda: mmap.mmap(-1, 2 * GIB, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS).close(),
    "new code": lambda: mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_EXEC),
    "parent's memory": _parent_memory,
    "parent's environment": lambda: Path(f"/proc/{_parent}/environ").read_bytes(),
    "descriptors": _many_descriptors,
    "root's powers": lambda: os.setgroups([0]),
}
_parent = os.getpid()
_child = [0]


def escaping_mark(picture: Pixels, recipe: Recipe, key: bytes, page: int) -> Pixels:
    """Try everything; what went through is told as a fault of the recipe, whose words alone reach the client."""
    if recipe.text == "look around":
        raise RecipeError(_surroundings())
    if _parent != os.getpid():  # in a child, and not while the parent warms up
        _child[0] = os.getpid()
        through = [name for name, attempt in ESCAPES.items() if _went_through(attempt)]
        raise RecipeError("|".join(["through", *through]))
    return picture ^ 0x10  # type: ignore[no-any-return]


def _went_through(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return False
    return True


def _surroundings() -> str:
    """The names in the environment, the number of open descriptors, and whether a thread could be started."""
    names = [name for name in os.environ if name.startswith("TILLPAID")]
    opened = [number for number in range(200) if _went_through(lambda number=number: os.fstat(number))]  # type: ignore[misc]
    ran: list[int] = []
    thread = threading.Thread(target=ran.append, args=(1,))
    thread.start()
    thread.join()
    return f"{','.join(names)}|{len(opened)}|{len(ran)}"
