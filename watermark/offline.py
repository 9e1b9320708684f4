"""Mark one file on one's own machine, without the service: own files, so in the calling process."""

from __future__ import annotations

import warnings
from pathlib import Path

from watermark.errors import BadSource
from watermark.ingest import ingest
from watermark.limits import PROOF_SIDE, Limits
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.results import Header, Page
from watermark.visible.mark import apply_mark


def mark_file(in_path: str | Path, out_path: str | Path, text: str, *, key: bytes = b"offline") -> Header:
    """Write the first page of `in_path`, marked with `text`, to `out_path`: a JPEG, long side at most 2048 pixels.

    Nothing is written on failure. Raises RecipeError, BadSource (with the reason), MarkFailed, RenderStopped, OSError.
    """
    limits = Limits()
    with Path(in_path).open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        deadline = Deadline.after(limits.wall_seconds)
        parts = ingest(file, Path(in_path).name, Recipe(text), key, apply_mark, limits, deadline)
        header = next(parts)
        page = next(parts, None)
    if not isinstance(header, Header) or not isinstance(page, Page):
        raise BadSource(code=header.reason if isinstance(header, Header) else "unsupported")
    Path(out_path).write_bytes(page.renditions[PROOF_SIDE])
    return header
