"""Classic BPF for seccomp: rules in, the bytes of a `sock_filter` array out.

Rules name calls and, where needed, what their arguments must be. What no rule allows fails with EPERM, so that a
library falls back on something else or reports an error; a call by another machine's convention ends the process.
Encoding by linux/filter.h, the data by linux/seccomp.h. Arguments are compared by their low 32 bits unless the rule
says that the whole must be zero.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watermark.walls.syscalls import Machine

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
ERRNO: Final = 0x00050000

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_X32_BIT: Final = 0x40000000
_ARCHITECTURE: Final = 4
_ARGUMENTS: Final = 16


@dataclass(frozen=True)
class Arg:
    """`(argument & mask) == value`. Counted from 0."""

    index: int
    value: int
    mask: int = 0xFFFFFFFF

    def instructions(self) -> list[tuple[int, int]]:
        return [(_LOAD, _ARGUMENTS + 8 * self.index), (_AND, self.mask), (_EQUAL, self.value)]


def null(index: int) -> tuple[Arg, Arg]:
    """The whole of a pointer is zero: both its halves are compared."""
    return Arg(index, 0), HighHalf(index, 0)


@dataclass(frozen=True)
class HighHalf(Arg):
    """As `Arg`, of the upper 32 bits."""

    def instructions(self) -> list[tuple[int, int]]:
        return [(_LOAD, _ARGUMENTS + 8 * self.index + 4), (_AND, self.mask), (_EQUAL, self.value)]


@dataclass(frozen=True)
class Rules:
    """`always` are allowed whatever their arguments; of `when`, one of the alternatives must hold whole. `refused`
    gives calls their own error number, for libraries that look at it."""

    always: Sequence[str]
    when: dict[str, Sequence[Sequence[Arg]]]
    refused: dict[str, int]


def compiled(rules: Rules, machine: Machine) -> bytes:
    """The filter's instructions, 8 bytes each. Calls that this machine does not have are passed over."""
    code = _stop_unless_ours(machine)
    known = machine.numbers
    for name in rules.always:
        if name in known:
            code += _instruction(_EQUAL, known[name], 0, 1) + _instruction(_RETURN, ALLOW)
    for name, alternatives in rules.when.items():
        if name in known:
            block = _conditions(alternatives, rules.refused.get(name, errno.EPERM))
            code += _instruction(_EQUAL, known[name], 0, len(block) // 8) + block
    for name, number in rules.refused.items():
        if name in known and name not in rules.when:
            code += _instruction(_EQUAL, known[name], 0, 1) + _instruction(_RETURN, ERRNO | number)
    return code + _instruction(_RETURN, ERRNO | errno.EPERM)


def _stop_unless_ours(machine: Machine) -> bytes:
    code = _instruction(_LOAD, _ARCHITECTURE) + _instruction(_EQUAL, machine.audit, 1, 0) + _instruction(_RETURN, KILL)
    code += _instruction(_LOAD, 0)
    if machine.x32:
        code += _instruction(_AT_LEAST, _X32_BIT, 0, 1) + _instruction(_RETURN, KILL)
    return code


def _conditions(alternatives: Sequence[Sequence[Arg]], refusal: int) -> bytes:
    code = b""
    for checks in alternatives:
        steps = [step for check in checks for step in check.instructions()]
        for at, (what, value) in enumerate(steps):
            rest = len(steps) - at  # a comparison that fails skips what is left of this alternative and its return
            code += _instruction(what, value, 0, rest if what == _EQUAL else 0)
        code += _instruction(_RETURN, ALLOW)
    return code + _instruction(_RETURN, ERRNO | refusal)


def _instruction(what: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", what, if_true, if_false, value)
