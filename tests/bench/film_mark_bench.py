"""What a thief gets of a marked clip by looking at many of its pictures: `scores` (tests/bench/visible) tells what the figures mean.

    python -m tests.bench.film_mark_bench [--quick]

Three films of photographs that packages ship: one that stands still, with a camera's noise; one where something moves before what stands still;
and one over which the camera pans. Each goes through the real sandbox and is decoded again. The bar of photographs, .05, is put beside.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

from tests.bench.report import Report, Row, arguments
from tests.bench.visible import attack_inpaint, attack_spectrum
from tests.bench.visible.scores import Picture, luma, score
from tests.bench.visible.view import View
from watermark import Clip, Recipe, Sandbox

Frames = npt.NDArray[np.uint8]
WIDTH, HEIGHT, RATE = 640, 480, 10
BAR = 0.05
RECIPE = Recipe("PREVIEW client@example.com")


def main() -> None:
    quick = arguments(__doc__).quick
    seconds = 8 if quick else 24
    photographs = [
        np.asarray(cv2.resize(getattr(data, name)(), (800, 600)))
        for name in (["astronaut"] if quick else ["astronaut", "chelsea"])
    ]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, Sandbox() as box:
        template = own_upload(box, Path(folder), seconds)
        for number, photograph in enumerate(photographs):
            for kind, scene in SCENES.items():
                clean, marked = clips(box, Path(folder), film(scene, photograph, seconds), b"asset %d" % number)
                for attack, worth in attacked(kind, clean, marked, template).items():
                    found.setdefault(f"{kind}: {attack}", []).append(worth)
                    print(f"{kind}: {attack} {worth:.3f}", flush=True)
    report(found, len(photographs), seconds, quick=quick)


def _still(photograph: Picture, _at: float) -> Picture:
    return photograph[60:540, 80:720]


def _before(photograph: Picture, at: float) -> Picture:
    shown = photograph[60:540, 80:720].copy()
    cv2.circle(shown, (int(320 + 200 * np.sin(at)), int(300 + 60 * np.cos(2 * at))), 90, (180, 140, 90), -1)
    return shown


def _pan(photograph: Picture, at: float) -> Picture:
    x, y = pan(at)
    return photograph[y : y + HEIGHT, x : x + WIDTH]


def pan(at: float) -> tuple[int, int]:
    return int(80 + 79 * np.sin(at / 3)), int(60 + 59 * np.sin(at / 5))


SCENES: dict[str, Callable[[Picture, float], Picture]] = {"still": _still, "moving before": _before, "pan": _pan}


def film(scene: Callable[[Picture, float], Picture], photograph: Picture, seconds: int) -> Frames:
    chance = np.random.default_rng(1)
    pictures = [scene(photograph, number / RATE).astype(np.int16) for number in range(seconds * RATE)]
    return np.stack([np.clip(one + chance.normal(0, 2, one.shape), 0, 255).astype(np.uint8) for one in pictures])


def clips(box: Sandbox, folder: Path, pictures: Frames, key: bytes) -> tuple[Frames, Frames]:
    """The clean and the marked clip, decoded, two pictures a second."""
    path = folder / "film.mp4"
    size = f"{WIDTH}x{HEIGHT}"
    make = f"ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt rgb24 -s {size} -r {RATE} -i - -c:v libx264 -preset ultrafast -crf 12 -pix_fmt yuv420p"
    subprocess.run([*make.split(), str(path)], input=pictures.tobytes(), check=True, timeout=300)
    with box.ingest(path, filename="film.mp4", recipe=RECIPE, key=key) as parts:
        (clip,) = [part for part in parts if isinstance(part, Clip)]
    return decoded(clip.clean, folder), decoded(clip.marked, folder)


def decoded(clip: bytes, folder: Path) -> Frames:
    (folder / "clip.mp4").write_bytes(clip)
    read = f"ffmpeg -v error -i {folder}/clip.mp4 -vf fps=2 -f rawvideo -pix_fmt rgb24 -".split()
    out = subprocess.run(read, capture_output=True, check=True, timeout=300).stdout
    return np.frombuffer(out, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def own_upload(box: Sandbox, folder: Path, seconds: int) -> Frames:
    """What the mark does to a grey film of the thief's own, under another key."""
    grey = np.full((seconds * RATE, HEIGHT, WIDTH, 3), 128, np.uint8)
    return clips(box, folder, grey, b"another")[1]


def attacked(kind: str, clean: Frames, marked: Frames, template: Frames) -> dict[str, float]:
    count = min(len(clean), len(marked), len(template))
    middle = count // 2 + 1
    original, seen = clean[middle], marked[middle]
    pattern_rgb = seen.astype(np.float32) - original
    pattern = luma(pattern_rgb)
    view = View(seen, original, pattern, pattern_rgb, template[middle])
    near = marked[max(0, middle - 2) : middle + 2]
    results: dict[str, Picture] = {
        "untouched": seen,
        "median of all pictures": np.median(marked, axis=0).astype(np.uint8),
        "mean of all pictures": marked.mean(axis=0).astype(np.uint8),
        "median of one second": np.median(near, axis=0).astype(np.uint8),
        "darkest": marked.min(axis=0),
        "overlay estimated from all": estimated(marked, seen),
        "template, own upload": np.clip(seen - (template[middle].astype(np.float32) - 128), 0, 255).astype(np.uint8),
        "notch": attack_spectrum.notch(view),
        "inpaint Telea, found": attack_inpaint.telea_found(view),
    }
    if kind == "pan":
        results["pictures laid over each other, median"] = registered(marked[:count], middle)
    return {name: score(picture, original, pattern).clean for name, picture in results.items()}


def estimated(marked: Frames, seen: Picture) -> Picture:
    """What stands still while the film changes: the fine detail of the median of all pictures, taken off."""
    middle = np.median(marked, axis=0).astype(np.float32)
    return np.clip(seen - (middle - cv2.GaussianBlur(middle, (0, 0), 12)), 0, 255).astype(np.uint8)


def registered(marked: Frames, middle: int) -> Picture:
    """Oracle: the pan is known. Every picture is moved to where the middle one was, and the median taken."""
    x, y = pan(middle / 2)
    moved = []
    for number, picture in enumerate(marked):
        a, b = pan(number / 2)
        turn = np.float32([[1, 0, a - x], [0, 1, b - y]])
        laid = cv2.warpAffine(picture.astype(np.float32), turn, (WIDTH, HEIGHT), borderValue=(np.nan,) * 3)
        moved.append(laid)
    seen = np.where(np.isnan(moved[middle]), marked[middle], moved[middle])
    whole = np.stack([np.where(np.isnan(one), seen, one) for one in moved])
    return np.clip(np.median(whole, axis=0), 0, 255).astype(np.uint8)


def report(found: dict[str, list[float]], photographs: int, seconds: int, *, quick: bool) -> None:
    made = Report(
        "film_mark",
        "Taking the visible mark off a clip",
        f"attacks on clips of {seconds} s of {photographs} photographs, still, with something moving before them, and panned over; the share of the "
        "marked area that comes out clean, mean and worst; the middle picture is judged",
        quick,
        raw=found,
    )
    for name, worths in found.items():
        goal = None if name.endswith("untouched") or "inpaint" in name else BAR
        made.rows.append(Row(name, "", f"worst {max(worths):.3f}", statistics.mean(worths), goal, "less"))
    made.save()


if __name__ == "__main__":
    main()
