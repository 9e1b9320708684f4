"""``tillpaid backup``, ``restore``, ``sweep-storage``, ``move-storage``."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from service.kit.commands import without_database
from service.settings import MIB
from service.vault.backup import BackupFailed
from service.vault.backup import backup as take_backup
from service.vault.manifest import NoBackup
from service.vault.move import move
from service.vault.restore import NotEmpty
from service.vault.restore import restore as put_back
from service.vault.snapshot import SnapshotFailed
from service.vault.sweep import sweep as sweep_stores
from service.wiring import Wiring
from storage.blobstore import BadAddress, StorageError
from storage.opening import open_store

FAILURES = (BackupFailed, NoBackup, NotEmpty, SnapshotFailed, StorageError, OSError)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", type=FOLDER)
@click.pass_obj
def backup(wiring: Wiring, folder: Path) -> None:
    """Make FOLDER a backup of everything, while the server serves; again into the same one copies what is new."""
    try:
        report = take_backup(wiring, folder)
    except FAILURES as error:
        raise click.ClickException(f"No backup: {error}") from error
    click.echo(f"Backup in {folder}: {_counted(report.objects)}; {report.copied_bytes / MIB:.0f} MiB copied.")
    if report.left_out:
        click.echo(f"{report.left_out} pictures changed meanwhile and are left out: they can be made again.")


@click.command()
@click.argument("folder", type=FOLDER)
@click.pass_obj
@without_database
def restore(wiring: Wiring, folder: Path) -> None:
    """Put the backup in FOLDER back, into an empty data directory and store, with the same secret keys."""
    try:
        done = put_back(wiring, folder)
    except FAILURES as error:
        raise click.ClickException(f"Not restored: {error}") from error
    click.echo(f"Restored, as of {done.taken_at}: {_counted(done.objects)}.")
    if done.missing:
        click.echo(f"{done.missing} pictures are not in the backup: press Retry at their assets.")


@click.command("sweep-storage")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1), help="What is younger stays.")
@click.pass_obj
def sweep_storage(wiring: Wiring, days: int) -> None:
    """Free the bytes of assets that were removed long ago, and what crashes left. Safe while serving."""
    swept = sweep_stores(wiring, grace=timedelta(days=days))
    click.echo(f"Freed {swept.freed} originals of removed assets ({swept.freed_bytes / MIB:.0f} MiB),")
    click.echo(f"{swept.orphans} objects without a row ({swept.orphan_bytes / MIB:.0f} MiB),")
    click.echo(f"{swept.unfinished} unfinished writes.")


@click.command("move-storage")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--renditions", is_flag=True, help="Only marked previews: they may have a store of their own.")
@click.pass_obj
def move_storage(wiring: Wiring, source: str, target: str, renditions: bool) -> None:
    """Copy everything from the store at FROM to the one at TO and read it back; again, it goes on. FROM stays as it is."""
    try:
        prefix = "renditions/" if renditions else ""
        moved = move(wiring, open_store(source), open_store(target), name=f"{source} {target}", prefix=prefix)
    except BadAddress as error:
        raise click.ClickException(str(error)) from error
    except FAILURES as error:
        raise click.ClickException(f"Stopped, run it again to go on: {error}") from error
    click.echo(f"Copied {moved.copied} ({moved.copied_bytes / MIB:.0f} MiB), there already: {moved.known}.")
    for key, fault in moved.faults:
        click.echo(f"{fault}: {key}")
    if moved.faults:
        sys.exit(1)


def _counted(objects: dict[str, int]) -> str:
    kinds = ("original", "proof", "rendition")
    return ", ".join(f"{objects.get(kind, 0)} {kind}s" for kind in kinds)


commands = [backup, restore, sweep_storage, move_storage]
