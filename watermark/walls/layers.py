"""Which walls this machine has: asked of the kernel, so that a lacking one is told and can be insisted on."""

from __future__ import annotations

import platform
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from watermark.errors import RenderStopped
from watermark.walls import kernel
from watermark.walls.syscalls import this_machine

LAYERS: Final = ("limits", "privileges", "landlock", "seccomp")
ALL: Final = "all"


@dataclass(frozen=True)
class Layer:
    """`stops` says in short what it is for; `missing` why it is not there, empty if it is."""

    name: str
    stops: str
    missing: str = ""
    detail: str = ""


def sandbox_layers() -> tuple[Layer, ...]:
    """Every layer, in the order in which it is put up. Cheap: four questions to the kernel."""
    version = kernel.landlock_version()
    machine = this_machine()
    lacks_filter = f"no filter is written for {platform.machine()}"
    if machine is not None:
        lacks_filter = "" if kernel.has_filters(machine.numbers["seccomp"]) else "the kernel has no seccomp filters"
    return (
        Layer("limits", "too much memory, time, output, and open files"),
        Layer("privileges", "root's powers and set-uid programs"),
        Layer(
            "landlock",
            "reading, writing and listing files; signals to others",
            "" if version else "the kernel has no Landlock, or it is switched off (needs Linux 5.13)",
            f"version {version}" + ("" if version >= 6 else ", without signals and sockets (needs Linux 6.12)"),
        ),
        Layer("seccomp", "sockets, other programs, tracing, and every call that decoding does not need", lacks_filter),
    )


def lacking(required: Collection[str]) -> tuple[Layer, ...]:
    """The layers among `required` (names, or `all`) that this machine does not have."""
    return tuple(layer for layer in sandbox_layers() if layer.missing and (ALL in required or layer.name in required))


def insist(required: Collection[str]) -> None:
    """Raise RenderStopped (`sandbox_unavailable`) if one of `required` is lacking."""
    if lacking(required):
        raise RenderStopped(code="sandbox_unavailable")
