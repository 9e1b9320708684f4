"""The trade-off as a picture: `python -m tests.bench.visible.curve [REPORTS] [OUT]` reads the bench's JSON reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from watermark.visible.fonts import SHIPPED

NAMES = {
    "light": "light", "standard": "standard", "strong": "strong", "fixed_tile": "fixed tile", "keyed_sketch": "keyed sketch",
}  # fmt: skip
SIZE, EDGE = (1200, 760), 110
LOW_X, HIGH_X, HIGH_Y = 0.4, 1.0, 1.0
REFERENCE = (("fixed tile", 0.866, 0.775, 0.897), ("sketch", 0.615, 0.512, 0.883))
"""Given with the reference bench: name, usability, best attack, worst photograph. Drawn where no report of ours is found."""
SERIES = (("best", "best known attack, mean", "#1b4f8a"), ("best_new", "best attack of our own, mean", "#b3541e"))


def place(usability: float, clean: float) -> tuple[float, float]:
    x = EDGE + (usability - LOW_X) / (HIGH_X - LOW_X) * (SIZE[0] - 2 * EDGE)
    return x, SIZE[1] - EDGE - clean / HIGH_Y * (SIZE[1] - 2 * EDGE)


def draw(reports: list[dict[str, Any]]) -> Image.Image:
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(SHIPPED / "DejaVuSans.ttf"), 20)
    _axes(pen, font)
    ours = sorted((r for r in reports if r["mark"] in ("light", "standard", "strong")), key=lambda r: r["usability"])
    for number, (key, label, ink) in enumerate(SERIES):
        points = [place(report["usability"], report[key]["mean"]) for report in ours]
        pen.line(points, fill=ink, width=4)
        pen.text((EDGE + 30, EDGE - 60 + 28 * number), f"● {label}", fill=ink, font=font)
        for report in reports:
            x, y = place(report["usability"], report[key]["mean"])
            top = place(report["usability"], report[key]["worst"])[1]
            pen.line([(x, top), (x, y)], fill=ink, width=1)
            pen.ellipse([x - 7, y - 7, x + 7, y + 7], fill=ink)
            if key == "best":
                pen.text((x + 12, y + 8), NAMES[report["mark"]], fill="black", font=font)
    if not any(report["mark"] == "fixed_tile" for report in reports):
        for name, usability, clean, worst in REFERENCE:
            x, y = place(usability, clean)
            pen.line([(x, place(usability, worst)[1]), (x, y)], fill="#777777", width=1)
            pen.rectangle([x - 6, y - 6, x + 6, y + 6], fill="#777777")
            pen.text((x + 12, y + 8), f"{name} (reference)", fill="#555555", font=font)
    return picture


def _axes(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont) -> None:
    for step in range(11):
        x, y = place(LOW_X, step / 10)
        pen.line([(x, y), (SIZE[0] - EDGE, y)], fill="#dddddd")
        pen.text((x - 50, y - 12), f"{step / 10:.1f}", fill="black", font=font)
    for step in range(7):
        x, y = place(LOW_X + step / 10, 0)
        pen.text((x - 15, y + 12), f"{LOW_X + step / 10:.1f}", fill="black", font=font)
    pen.text(
        (SIZE[0] - EDGE - 460, SIZE[1] - 50), "usability: SSIM of the preview (more is better)", fill="black", font=font
    )
    pen.text(
        (20, 14),
        "clean: what a thief gets (less is better; thin line up to the worst photograph)",
        fill="black",
        font=font,
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/bench")
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("infra/docs/marks/trade-off.png")
    paths = [folder / f"visible-{name}.json" for name in NAMES]
    target.parent.mkdir(parents=True, exist_ok=True)
    draw([json.loads(path.read_text()) for path in paths if path.is_file()]).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1024} KB")
