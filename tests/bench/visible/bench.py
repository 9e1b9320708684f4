"""Attack the visible mark on real photographs and say what a thief gets.

    python -m tests.bench.visible.bench --strength standard --images build/bench/photos --out build/bench/visible.json

Every photograph is cropped to one preview size, marked, passed through JPEG as a preview is, and attacked. Oracles know
the original: upper bounds, reported apart. `scores` tells what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.bench.visible import attack_inpaint, attack_invert, attack_matte, attack_smooth, attack_spectrum, baselines
from tests.bench.visible.scores import Picture, luma, score
from tests.bench.visible.view import TEXT, Marker, View, as_jpeg, load, to_picture
from watermark.recipe import Recipe
from watermark.visible.mark import apply_mark

ATTACKS = {
    "none": lambda view: view.seen,
    "many images, one matte": attack_matte.many_images,
    "template, own upload": attack_invert.own_upload,
    "template, leaked key": attack_invert.leaked_key,
    "notch": attack_spectrum.notch,
    "inpaint Telea, found": attack_inpaint.telea_found,
    "inpaint NS, found": attack_inpaint.navier_stokes_found,
}
NEW = {
    "leaked key, grey pattern": attack_invert.leaked_key_grey,
    "registration, then matte": attack_invert.registered,
    "fold tiles": attack_spectrum.fold_tiles,
    "two-tone threshold": attack_inpaint.two_tones,
    "inpaint Telea, wide": attack_inpaint.telea_wide,
    "inpaint, then median": attack_inpaint.telea_then_median,
    "inpaint, like patches": attack_inpaint.patches,
    "median": attack_smooth.median,
    "gaussian": attack_smooth.gaussian,
    "bilateral": attack_smooth.bilateral,
    "guided filter": attack_smooth.guided,
    "wiener": attack_smooth.wiener,
    "wavelet": attack_smooth.wavelet,
    "non-local means": attack_smooth.non_local_means,
    "median and flatten": attack_smooth.flatten,
}
ORACLES = {
    "inpaint Telea, oracle": attack_inpaint.telea_oracle,
    "inpaint NS, oracle": attack_inpaint.navier_stokes_oracle,
    "match statistics, oracle": attack_invert.match_statistics,
    "cleanest channel, oracle": attack_invert.cleanest_channel,
}
COLLUSIONS = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max}
LINKS = 4
OTHER_ASSET = 9999


def marker_for(name: str) -> Marker:
    """A strength of ours, or one of the baselines."""
    cv2.setNumThreads(1)
    if hasattr(baselines, name):
        return getattr(baselines, name)
    recipe = Recipe(TEXT, strength=name)
    return lambda picture, asset: apply_mark(picture, recipe, b"asset %d" % asset, 0)


def mark_pair(name: str, path: Path, asset: int) -> tuple[Picture, Picture, float]:
    """The photograph marked, its mirror image marked as another asset, and the seconds for the first."""
    marker, original = marker_for(name), load(path)
    start = time.perf_counter()
    marked = marker(original, asset)
    seconds = time.perf_counter() - start
    return marked, marker(np.ascontiguousarray(original[:, ::-1]), asset + 500), seconds


def attack_one(name: str, path: Path, asset: int, marked: Picture, shared: dict[str, Any]) -> dict[str, Any]:
    marker, original = marker_for(name), load(path)
    pattern_rgb = marked.astype(np.float32) - original
    pattern = luma(pattern_rgb)
    grey = np.full_like(original, 128)
    templates = {
        "own_upload": shared["template"],
        "leaked_key": attack_invert.read_template(marker, asset),
        "leaked_grey": (marker(grey, asset).astype(np.float32) - 128, np.ones(1, np.float32)),
    }
    view = View(as_jpeg(marked), original, pattern, pattern_rgb, shared["own_upload"], templates, shared["matte"])
    scores = {
        label: score(attack(view), original, pattern).row() for label, attack in {**ATTACKS, **NEW, **ORACLES}.items()
    }
    # The visible mark is the same on every link: four links give the attacker four times the same picture.
    copies = [as_jpeg(marker(original, asset)) for _ in range(LINKS)]
    for label, combine in COLLUSIONS.items():
        scores[f"collusion, {label}"] = score(to_picture(combine(copies, axis=0)), original, pattern).row()
    return {"scores": scores, "coverage": float((np.abs(pattern) > 8).mean())}


def measure(name: str, paths: list[Path], workers: int) -> dict[str, Any]:
    """The whole report, ready for JSON."""
    marker = marker_for(name)
    with ProcessPoolExecutor(workers) as pool:
        pairs = list(pool.map(mark_pair, [name] * len(paths), paths, range(len(paths))))
        collection = [as_jpeg(picture) for pair in pairs for picture in pair[:2]]
        shared = {
            "matte": attack_matte.fit_matte(attack_matte.common_pattern(collection), collection),
            "template": attack_invert.read_template(marker, OTHER_ASSET),
            "own_upload": marker(np.full_like(pairs[0][0], 128), OTHER_ASSET),
        }
        rows = list(
            pool.map(
                attack_one, [name] * len(paths), paths, range(len(paths)), [p[0] for p in pairs], [shared] * len(paths)
            )
        )
    return summary(name, paths, pairs, rows)


def summary(name: str, paths: list[Path], pairs: list[Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    labels = list(rows[0]["scores"])
    mean = {
        label: {k: float(np.mean([row["scores"][label][k] for row in rows])) for k in rows[0]["scores"][label]}
        for label in labels
    }
    worst = {label: max(row["scores"][label]["clean"] for row in rows) for label in labels}
    known = [label for label in labels if label not in NEW and label not in ORACLES]
    best, best_new = (max(group, key=lambda label: mean[label]["clean"]) for group in (known, list(NEW)))
    return {
        "mark": name,
        "photographs": len(paths),
        "usability": mean["none"]["ssim"],
        "usability_least": min(row["scores"]["none"]["ssim"] for row in rows),
        "coverage": float(np.mean([row["coverage"] for row in rows])),
        "seconds": float(np.median([pair[2] for pair in pairs])),
        "best": {"attack": best, "mean": mean[best]["clean"], "worst": max(worst[label] for label in known)},
        "best_new": {"attack": best_new, "mean": mean[best_new]["clean"], "worst": max(worst[label] for label in NEW)},
        "oracle_inpainting": max(mean[label]["clean"] for label in ORACLES if label.startswith("inpaint")),
        "attacks": {label: {**mean[label], "worst": worst[label]} for label in labels},
        "clean_per_photograph": {
            path.stem: {label: row["scores"][label]["clean"] for label in labels}
            for path, row in zip(paths, rows, strict=True)
        },
    }


def show(report: dict[str, Any]) -> None:
    print(f"{report['mark']}: usability {report['usability']:.3f}, coverage {report['coverage']:.2f}, "
          f"{report['seconds']:.2f} s a mark, {report['photographs']} photographs")  # fmt: skip
    for group in ("best", "best_new"):
        row = report[group]
        print(f"  {group}: {row['attack']}, clean {row['mean']:.3f}, worst photograph {row['worst']:.3f}")
    for label, row in sorted(report["attacks"].items(), key=lambda item: -item[1]["clean"]):
        kind = "new" if label in NEW else "oracle" if label in ORACLES else ""
        print(f"  {label:27s}{kind:7s}" + "  ".join(f"{key} {row[key]:6.3f}" for key in row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strength", default="standard", help="light, standard, strong, fixed_tile or keyed_sketch")
    parser.add_argument("--images", type=Path, default=Path("build/bench/photos"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="names of photographs, comma-separated")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    paths = sorted(p for p in options.images.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    paths = [p for p in paths if not options.only or p.stem in options.only.split(",")]
    report = measure(options.strength, paths, options.workers)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1))
    show(report)


if __name__ == "__main__":
    main()
