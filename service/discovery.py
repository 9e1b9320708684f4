"""Finds what each domain folder offers, by file name: nothing has to be listed anywhere.

models.py   tables              api.py      a ``router`` under /api/v1
pages.py    a ``router``        jobs.py     handlers marked ``@job``
cli.py      ``commands``        panels.py   pieces of pages: ``@delivery_panel``, ``@share_panel``, ``@view_panel``, ``@asset_filter``
doctor.py   ``examine``: what `tillpaid doctor` looks at, as a list of ``service.kit.findings.Finding``
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import APIRouter

ROOT = Path(__file__).parent
NOT_DOMAINS = {"kit", "web", "templates", "static", "locale", "migrations"}


def domains() -> list[str]:
    """The domain folders, by name."""
    folders = (path.parent.name for path in ROOT.glob("*/__init__.py"))
    return sorted(name for name in folders if name not in NOT_DOMAINS)


def modules(name: str) -> Iterator[ModuleType]:
    """Each domain's module or package of that name, imported."""
    for domain in domains():
        folder = ROOT / domain
        if (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file():
            yield import_module(f"service.{domain}.{name}")


def load_models() -> None:
    """Imports every table, so that the metadata is whole."""
    for _module in modules("models"):
        pass


def routers(name: str) -> list[APIRouter]:
    """The routers of every ``api.py`` or ``pages.py``; first those of modules that say ``BUSY = True``: the framework looks
    at one route after the other, which is a third of a picture's time when it comes last."""
    found = sorted(modules(name), key=lambda module: not getattr(module, "BUSY", False))
    return [module.router for module in found]


def commands() -> list[Any]:
    """The click commands of every ``cli.py``."""
    return [command for module in modules("cli") for command in module.commands]


def greetings() -> list[Any]:
    """The ``greet`` functions of every ``greeting.py``."""
    return [module.greet for module in modules("greeting")]


def examinations(*, scrub: bool = False) -> list[Any]:
    """The ``examine`` functions of every ``doctor.py``, and with ``scrub`` also the long ones of that name."""
    found = list(modules("doctor"))
    return [module.examine for module in found] + [
        module.scrub for module in found if scrub and hasattr(module, "scrub")
    ]


def panels() -> dict[str, list[Any]]:
    """Panel makers by page."""
    found: dict[str, list[Any]] = {}
    for module in modules("panels"):
        for item in vars(module).values():
            page = getattr(item, "panel_page", None)
            if page and item.__module__ == module.__name__:
                found.setdefault(page, []).append(item)
    return found


def job_handlers() -> dict[str, Any]:
    """Job handlers by kind."""
    found: dict[str, Any] = {}
    for module in modules("jobs"):
        for item in vars(module).values():
            kind = getattr(item, "job_kind", None)
            if kind:
                found[kind] = item
    return found
