"""The README's table of formats says what the renderers declare."""

from __future__ import annotations

from tests.rules.sources import HERE
from watermark.declare import About, Program
from watermark.rendering import every_renderer


def rows() -> list[str]:
    """The table as it has to stand in the README; what has no media types, the card, is last."""
    abouts = sorted((renderer.about for renderer in every_renderer()), key=lambda about: not about.media_types)
    return ["| Files | Your client sees | At most | Needs |", "|---|---|---|---|", *map(row, abouts)]


def row(about: About) -> str:
    programs = ", ".join(need.name for need in about.needs if isinstance(need, Program))
    return f"| {about.files} | {about.shown} | {about.cap or '–'} | {programs or '–'} |"


def test_the_table_of_formats_is_what_the_renderers_declare() -> None:
    table = "\n".join(rows())
    assert table in (HERE / "README.md").read_text(), f"the README should have:\n{table}"
