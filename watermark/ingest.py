"""The work on one file, in the process that calls it: an original to a header and pages; a proof to new renditions.

Runs inside the sandbox's child (`watermark.child`), or in a command that marks a file offline.
The forensic mark is no part of this: it is one share link's own and goes on a rendition when that is served
(`watermark.forensic`), so marked masters can be shared by all links.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np

from watermark.errors import BadSource, Postponed, RenderStopped
from watermark.limits import HEAVY_BYTES, SIZES, Limits
from watermark.pipeline import Deadline, Frame, Pixels, Step, run
from watermark.recipe import Recipe
from watermark.rendering import Opened, Source, renderer_for
from watermark.results import ALL, Header, Outside, Page, Renditions, Wanted
from watermark.sniff import name_disagrees, source_of
from watermark.steps.blur import thumbhash
from watermark.steps.encode import decode_proof, encode_proof, encode_rendition
from watermark.steps.mark import Marker, mark
from watermark.steps.orient import orient
from watermark.steps.resize import fit_proof, fitted, scale_to
from watermark.steps.to_srgb import to_srgb

# Decoding scales down as far as it can for free. Then: fit first, since every later step costs by the pixel; colour
# after that, so that a profile is applied to 3 megapixels and not to 24; turn last, for it is a copy, cheapest on the
# smallest picture, and no other step cares which way is up. Flattening and depth stand in reading, to save memory.
CLEAN: Final[tuple[Step, ...]] = (fit_proof, to_srgb, orient)

STAND_IN_GREY: Final = 200


def ingest(
    file: BinaryIO,
    filename: str,
    recipe: Recipe,
    key: bytes,
    marker: Marker,
    limits: Limits,
    deadline: Deadline,
    wanted: Wanted = ALL,
) -> Iterator[Header | Page | Outside]:
    """Yield one Header, then the pages in order, each made only when it is asked for.

    A file that can't be shown gives a card's Header and nothing more, one for an outside program gives Outside. Raises RecipeError before anything is read,
    MarkFailed, Postponed, RenderStopped (`timed_out`), MemoryError; BadSource where no header was wanted.
    """
    recipe.validate()
    source, notes = _source(file, filename)
    if renderer_for(source.media_type).about.outside:
        if not wanted.heavy:
            raise Postponed
        if wanted.first == 1:
            yield Outside(source.media_type, notes)
        return
    try:
        opened = _open(source, limits, heavy=wanted.heavy)
        first = run(opened.page(1, deadline), CLEAN, deadline) if wanted.first == 1 else None
    except BadSource as fault:
        if wanted.first > 1:
            raise
        yield Header("card", source.media_type, 0, reason=fault.code, notes=notes)
        return
    if first is not None:
        width, height = opened.size or (None, None)
        notes = (*notes, *opened.notes, *first.notes)
        yield Header(opened.kind, source.media_type, opened.page_count, width, height, None, notes)
        yield make_page(first.pixels, 1, recipe, key, marker, deadline)
        del first
    last = min(opened.page_count, wanted.last or limits.pages, limits.pages)
    for number in range(max(2, wanted.first), last + 1):
        pixels, reason = _later_page(opened, number, deadline)
        yield make_page(pixels, number, recipe, key, marker, deadline, reason)


def _open(source: Source, limits: Limits, *, heavy: bool) -> Opened:
    """The file's structure. Raises BadSource, and Postponed unless `heavy` ones are welcome."""
    if source.size == 0:
        raise BadSource(code="empty_file")
    if source.size > limits.source_bytes:
        raise BadSource(code="unsupported")
    renderer = renderer_for(source.media_type)
    if renderer.about.missing():
        raise BadSource(code="program_missing")
    if not heavy and (renderer.about.heavy or source.size > HEAVY_BYTES):
        raise Postponed
    return renderer.open(source, limits)


def make_page(
    clean: Pixels,
    number: int,
    recipe: Recipe,
    key: bytes,
    marker: Marker,
    deadline: Deadline,
    reason: str | None = None,
) -> Page:
    """The proof of clean pixels (already at the proof's size) and its renditions."""
    proof, proof_type = encode_proof(clean)
    deadline.check()
    made = make_renditions(clean, number, recipe, key, marker, deadline)
    height, width = clean.shape[:2]
    return Page(number, width, height, proof, proof_type, made.pictures, recipe.digest(), reason, made.blur)


def make_renditions(
    clean: Pixels, number: int, recipe: Recipe, key: bytes, marker: Marker, deadline: Deadline
) -> Renditions:
    """Mark once at full size; each smaller size is made from the marked one before it, so none can be without."""
    pixels = mark(clean, recipe, key, number, marker)
    renditions: dict[int, bytes] = {}
    encoded: bytes | None = None
    for size in SIZES:
        deadline.check()
        width, height = fitted(clean.shape[1], clean.shape[0], size)
        if encoded is None or pixels.shape[:2] != (height, width):
            pixels = scale_to(pixels, width, height)
            encoded = encode_rendition(pixels)
        renditions[size] = encoded
    return Renditions(renditions, thumbhash(pixels))


def page_of_picture(
    file: BinaryIO, number: int, recipe: Recipe, key: bytes, marker: Marker, limits: Limits, deadline: Deadline
) -> Page:
    """A page that an outside program has made a picture of. Raises BadSource, MarkFailed, RenderStopped."""
    recipe.validate()
    clean = run(_open(source_of(file), limits, heavy=True).page(1, deadline), CLEAN, deadline)
    return make_page(clean.pixels, number, recipe, key, marker, deadline)


def remark(proof: bytes, recipe: Recipe, key: bytes, page: int, marker: Marker, deadline: Deadline) -> Renditions:
    """New renditions of a kept proof. Raises BadSource (`corrupt`) if it is none of ours."""
    recipe.validate()
    try:
        clean = decode_proof(proof)
    except ValueError as fault:
        raise BadSource(code="corrupt") from fault
    if max(clean.shape[:2]) > SIZES[0]:
        raise BadSource(code="corrupt")
    return make_renditions(clean, page, recipe, key, marker, deadline)


def _source(file: BinaryIO, filename: str) -> tuple[Source, tuple[str, ...]]:
    source = source_of(file)
    return source, ("name_mismatch",) if source.size and name_disagrees(source.media_type, filename) else ()


def _later_page(opened: Opened, number: int, deadline: Deadline) -> tuple[Pixels, str | None]:
    """One damaged page does not take the whole document down: a grey sheet stands in for it, with the reason."""
    try:
        frame: Frame = run(opened.page(number, deadline), CLEAN, deadline)
        return frame.pixels, None
    except BadSource as fault:
        return np.full((1448, 1024, 3), STAND_IN_GREY, np.uint8), fault.code


def stopped_by_memory(fault: BaseException) -> RenderStopped | None:
    """RenderStopped (`out_of_memory`) if that is what a library's own error means, else None."""
    short = isinstance(fault, MemoryError) or "insufficient memory" in str(fault).lower()
    return RenderStopped(code="out_of_memory") if short else None
