"""The page that makes a folder a backup: written last, so that a folder without it is none."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from service.vault.snapshot import settle

NAME = "backup.json"
FORMAT = 1


class NoBackup(Exception):
    """The folder is no (whole) backup, or not one that can be restored here. The message says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ``keys``: fingerprints of the secret keys in use, which tell nothing of the keys."""

    taken_at: str
    database: str
    keys: list[str]
    objects: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT


def write(folder: Path, manifest: Manifest) -> None:
    part = folder / f"{NAME}.part"
    part.write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    settle(part, folder / NAME)


def read(folder: Path) -> Manifest:
    """Raises NoBackup."""
    try:
        manifest = Manifest(**json.loads((folder / NAME).read_text()))
    except FileNotFoundError:
        raise NoBackup(f"{folder} is no whole backup: it has no {NAME}, which is written last") from None
    except (ValueError, TypeError) as error:
        raise NoBackup(f"{folder / NAME} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise NoBackup(f"the backup has format {manifest.format}; this version reads {FORMAT}")
    return manifest


def remove(folder: Path) -> None:
    """Before anything in the folder changes: from here on it is no backup until it is one again."""
    (folder / NAME).unlink(missing_ok=True)
