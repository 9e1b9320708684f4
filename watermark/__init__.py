"""Proofs and marked renditions of strangers' files. A library: it knows no HTTP, SQL, storage or service.

The names below are all that a program needs. Importing them loads no decoder: those live in the sandbox's processes.
The forensic mark, per share link, goes on a rendition when that is served (`Sandbox.imprint`) and is read from a found
picture by `Sandbox.trace`; its codec is `watermark.forensic`.
"""

from watermark.errors import PUBLIC_TEXTS, BadSource, MarkFailed, Postponed, RecipeError, RenderStopped, WatermarkError
from watermark.limits import PROOF_SIDE, SIZES, Limits
from watermark.recipe import Recipe, Strength
from watermark.results import Clip, Header, Imprint, Page, Reading, Readings, Wanted
from watermark.sandbox import Ingest, Sandbox

__all__ = [
    "PROOF_SIDE",
    "PUBLIC_TEXTS",
    "SIZES",
    "BadSource",
    "Clip",
    "Header",
    "Imprint",
    "Ingest",
    "Limits",
    "MarkFailed",
    "Page",
    "Postponed",
    "Reading",
    "Readings",
    "Recipe",
    "RecipeError",
    "RenderStopped",
    "Sandbox",
    "Strength",
    "Wanted",
    "WatermarkError",
]
