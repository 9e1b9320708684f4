"""How well a forensic mark is read back, what it costs, and how often it errs.

    python -m tests.bench.trace.bench --images DIR --out build/bench/trace.json [--limit N] [--blank N] [--pairs N]

Every photograph is marked at several sizes, put through every transform, and read. A run that is cut short goes on where
it stopped (build/bench/trace-journal.jsonl), until the code changes.
"""

import argparse
import json
import statistics
import time
import zlib
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from PIL import Image

from tests.bench.trace import mistakes
from tests.bench.trace.journal import Journal
from tests.bench.trace.measures import Picture, at_size, flat_step, psnr, ssim
from tests.bench.trace.transforms import OVER_THE_VISIBLE_MARK, TRANSFORMS
from watermark.forensic import codec
from watermark.recipe import Recipe, Strength
from watermark.visible.mark import apply_mark

KEY = b"the bench's own key"
SIZES = {"large": (1600, 1280, 2048, 1440), "small": (700, 1000, 800, 900)}
SIZES_A_PHOTOGRAPH = 2
STRENGTHS: tuple[Strength, ...] = ("standard", "strong")


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    paths = sorted(p for p in Path(arguments.images).iterdir() if p.suffix in {".jpg", ".png"})
    if arguments.limit:
        paths = paths[:: max(1, len(paths) // arguments.limit)][: arguments.limit]
    out = Path(arguments.out)
    journal = Journal(out.with_name(out.stem + "-journal.jsonl"))
    report: dict[str, Any] = {"photographs": len(paths)}
    for group, sizes in SIZES.items():
        measured = []
        for index, path in enumerate(paths):
            for turn in range(SIZES_A_PHOTOGRAPH):
                size = sizes[(SIZES_A_PHOTOGRAPH * index + turn) % len(sizes)]
                measured.append(journal.once(f"{path.name} {size}", partial(_measure, path, size)))
            good, tried = (sum(m[n] for m in measured) for n in ("good", "tried"))
            print(group, path.name, f"{good} of {tried}", flush=True)
        report[group] = _summary(measured)
    report["blank"] = mistakes.blank(journal, paths, arguments.blank)
    report["collusion"] = mistakes.collude(journal, paths, arguments.pairs)
    out.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="build/bench/photos")
    parser.add_argument("--out", default="build/bench/trace.json")
    parser.add_argument("--limit", type=int, default=0, help="photographs, 0 for all")
    parser.add_argument("--blank", type=int, default=3200, help="extractions that must find nothing")
    parser.add_argument("--pairs", type=int, default=450, help="pairs of links whose copies are mixed")
    return parser.parse_args()


def _measure(path: Path, longest: int) -> dict[str, Any]:
    """One photograph at one size, through everything."""
    cover = at_size(path, longest)
    seed = zlib.crc32(f"{path.name} {longest}".encode())
    payload = Random(seed).getrandbits(codec.PAYLOAD_BITS)
    start = time.process_time()
    marked = codec.embed(cover, payload, KEY)
    cost = time.process_time() - start
    rows = {name: _try(name, marked, payload, seed) for name in TRANSFORMS}
    for strength in STRENGTHS:
        over = apply_mark(cover, Recipe(text="ANNA STUDIO", line2="Preview", strength=strength), b"an asset's key", 0)
        marked_over = codec.embed(over, payload, KEY)
        for name in OVER_THE_VISIBLE_MARK:
            rows[f"over {strength}: {name}"] = _try(name, marked_over, payload, seed)
    return {
        "label": f"{path.stem}@{longest}",
        "good": sum(row["right"] for row in rows.values()),
        "tried": len(rows),
        "psnr": psnr(cover, marked),
        "ssim": ssim(cover, marked),
        "flat": flat_step(cover, marked),
        "embed": cost * 1e9 / (cover.size / 3),
        "rows": rows,
    }


def _try(name: str, marked: Picture, payload: int, seed: int) -> dict[str, Any]:
    chance = Random(seed ^ zlib.crc32(name.encode()))
    found = np.asarray(TRANSFORMS[name](Image.fromarray(marked), chance))
    start = time.process_time()
    got, _ = codec.extract(found, KEY)
    cost = (time.process_time() - start) * 1e9 / (found.size / 3)
    return {"right": got == payload, "wrong": got not in (None, payload), "cost": cost}


def _summary(measured: list[dict[str, Any]]) -> dict[str, Any]:
    rms, step = zip(*(m["flat"] for m in measured), strict=True)
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    missed: dict[str, list[str]] = defaultdict(list)
    for one in measured:
        for name, row in one["rows"].items():
            rows[name].update({"tried": 1, "right": row["right"]})
            if not row["right"]:
                missed[name].append(one["label"])
    every = [row for one in measured for row in one["rows"].values()]
    return {
        "exact": sum(row["right"] for row in every) / len(every),
        "readings": len(every),
        "wrong": sum(row["wrong"] for row in every),
        "psnr": {"mean": statistics.mean(m["psnr"] for m in measured), "min": min(m["psnr"] for m in measured)},
        "ssim": {"mean": statistics.mean(m["ssim"] for m in measured), "min": min(m["ssim"] for m in measured)},
        "flat": {"rms worst": max(rms), "step worst": max(step)},
        "embed ms per megapixel": statistics.median(m["embed"] for m in measured),
        "extract ms per megapixel": {
            "hit": _spread([row["cost"] for row in every if row["right"]]),
            "miss": _spread([row["cost"] for row in every if not row["right"]]),
        },
        "rows": {name: f"{row['right']}/{row['tried']}" for name, row in rows.items()},
        "missed": dict(missed),
    }


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {"median": statistics.median(values), "95th percentile": float(np.percentile(values, 95))}


if __name__ == "__main__":
    main()
