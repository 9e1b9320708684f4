"""What a renderer says of itself: which files it shows and how, and what must be there for it.

The table in the README and `tillpaid doctor` are made from these, so they can't say anything else than the code.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Package:
    """A Python package, by the name it is imported by. `add` is what to install."""

    name: str
    add: str

    def present(self) -> bool:
        return importlib.util.find_spec(self.name) is not None


@dataclass(frozen=True)
class Program:
    """A program looked for on PATH, under the first of `names` that is there. `add` is Debian's package."""

    names: tuple[str, ...]
    add: str

    @property
    def name(self) -> str:
        return self.names[0]

    def path(self) -> str | None:
        """Where it is, or None."""
        return next((found for name in self.names if (found := shutil.which(name))), None)

    def present(self) -> bool:
        return self.path() is not None


Need = Package | Program


@dataclass(frozen=True)
class Signature:
    """Bytes that stand at fixed places in every file of a type."""

    media_type: str
    parts: tuple[tuple[int, bytes], ...]

    def fits(self, head: bytes) -> bool:
        return all(head.startswith(magic, offset) for offset, magic in self.parts)

    @property
    def weight(self) -> int:
        """How much it says: the heavier is asked first."""
        return sum(len(magic) for _, magic in self.parts)


def signature(media_type: str, parts: Mapping[int, bytes]) -> Signature:
    """`parts` by offset."""
    return Signature(media_type, tuple(parts.items()))


def suffixes(names: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Suffix, without its dot, to the media types that such a file may be of; written with spaces between them."""
    return {suffix: frozenset(types.split()) for suffix, types in names.items()}


@dataclass(frozen=True)
class About:
    """One row of the table. `files` names the formats as people do, `shown` what the client sees, `cap` what is refused.

    `heavy`: takes seconds or a lot of memory, so at most one such file is worked on at a time, behind the others.
    `outside`: an outside program reads such files, behind walls of its own: a module in `watermark/outside/` knows how.
    """

    files: str
    shown: str
    cap: str
    media_types: frozenset[str]
    signatures: tuple[Signature, ...] = ()
    suffixes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    heavy: bool = False
    outside: bool = False

    def missing(self) -> tuple[Need, ...]:
        """What is not there. Empty: ready."""
        return tuple(need for need in self.needs if not need.present())


def optional(name: str) -> Any:
    """The module, or None where its package is not installed: the renderer is then listed, and not used."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None
