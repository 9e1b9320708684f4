"""Marking one file offline."""

from __future__ import annotations

from pathlib import Path

import click

from watermark.errors import WatermarkError


@click.command()
@click.argument("source", metavar="IN", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--text", default="PREVIEW", show_default=True, help="What the mark says.")
def preview(source: Path, target: Path, text: str) -> None:
    """Write a marked JPEG preview of the picture IN to OUT. Nothing is stored anywhere else."""
    from watermark.offline import mark_file  # noqa: PLC0415 - imaging loads only where pictures are made

    try:
        mark_file(source, target, text)
    except WatermarkError as error:
        raise click.ClickException(error.public) from error


preview.callback.__dict__["without_database"] = True
commands = [preview]
