"""Every route and method that the application declares, with addresses to try it at.

The list comes from the application itself, so a new route is tried by itself. A path parameter that is not known
here fails the run: somebody must say what its genuine values are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Declared:
    """A path template and the methods it answers."""

    path: str
    methods: frozenset[str]

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.path)


def declared(app: Any) -> list[Declared]:
    """All routes of the application, those of mounted ones by their prefix."""
    found: dict[str, set[str]] = {}
    for path, methods in _walk(app.routes, ""):
        found.setdefault(path, set()).update(methods)
    return [Declared(path, frozenset(methods)) for path, methods in sorted(found.items())]


def _walk(routes: Sequence[BaseRoute], prefix: str) -> Iterator[tuple[str, set[str]]]:
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount):
            yield f"{prefix}{route.path}/{{static_path}}", {"GET", "HEAD"}
        else:
            yield prefix + str(route.path), set(route.methods or {"GET"})


def addresses(route: Declared, values: Mapping[str, Sequence[str]]) -> list[str]:
    """The template filled with the first of each value, then with every other value in its place, one at a time, and
    with every pair of the last two: what is genuine in one place must not open another."""
    unknown = [name for name in route.parameters if name not in values]
    assert not unknown, f"{route.path}: say in tests/leaks which values {unknown} can have"
    names = route.parameters
    first = {name: values[name][0] for name in names}
    chosen = [first, *({**first, name: value} for name in names for value in values[name][1:])]
    if len(names) > 1:
        pairs = itertools.product(values[names[-2]], values[names[-1]])
        chosen += [{**first, names[-2]: one, names[-1]: other} for one, other in pairs]
    return list(dict.fromkeys(_fill(route.path, combination) for combination in chosen))


def _fill(path: str, combination: Mapping[str, str]) -> str:
    for name, value in combination.items():
        path = re.sub(rf"\{{{name}(?::\w+)?\}}", lambda _match, v=value: v, path)
    return path
