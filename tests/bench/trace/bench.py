"""How well a forensic mark is read back, what it costs, and how often it errs.

    python -m tests.bench.trace.bench --images DIR --out build/bench/trace.json [--limit N] [--blank N]

Every photograph is marked at several sizes, put through every transform, and read. `--blank` sets how many extractions
are made of pictures without the mark or with another key; each is a whole extraction, only the whitened picture is
shared between keys.
"""

import argparse
import json
import statistics
import time
import zlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tests.bench.trace import measures
from tests.bench.trace.collusion import MIXES, mixed
from tests.bench.trace.transforms import OVER_THE_VISIBLE_MARK, TRANSFORMS
from watermark.forensic import codec, read
from watermark.recipe import Recipe
from watermark.visible.mark import apply_mark

KEY = b"the bench's own key"
LARGE = (1600, 1280, 2048, 1440)
SMALL = (700, 1000, 800, 900)


@dataclass
class Tally:
    """Everything counted over one group of sizes."""

    read: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: int = 0
    psnr: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    flat: list[tuple[float, float]] = field(default_factory=list)
    embed: list[float] = field(default_factory=list)
    extract: list[float] = field(default_factory=list)

    def share(self) -> float:
        """Exact payloads over everything tried."""
        good, tried = np.sum(list(self.read.values()), axis=0)
        return float(good / max(1, tried))


def main() -> None:
    arguments = _arguments()
    paths = sorted(p for p in Path(arguments.images).iterdir() if p.suffix in {".jpg", ".png"})
    if arguments.limit:
        paths = paths[:: max(1, len(paths) // arguments.limit)][: arguments.limit]
    tallies = {"large": Tally(), "small": Tally()}
    for index, path in enumerate(paths):
        for group, sizes, count in (("large", LARGE, 2), ("small", SMALL, 2)):
            for turn in range(count):
                _measure(tallies[group], path, sizes[(2 * index + turn) % len(sizes)])
        print(path.name, {name: f"{tally.share():.3%}" for name, tally in tallies.items()}, flush=True)
    report = {name: _summary(tally) for name, tally in tallies.items()}
    report["blank"] = _blank(paths, arguments.blank)
    report["collusion"] = _collude(paths, arguments.pairs)
    out = Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", default="build/bench/trace.json")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--blank", type=int, default=3000)
    parser.add_argument("--pairs", type=int, default=200)
    return parser.parse_args()


def at_size(path: Path, longest: int) -> Image.Image:
    """The photograph with this long side."""
    picture = Image.open(path).convert("RGB")
    scale = longest / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def _measure(tally: Tally, path: Path, longest: int) -> None:
    cover = np.asarray(at_size(path, longest))
    seed = zlib.crc32(f"{path.name} {longest}".encode())
    payload = Random(seed).getrandbits(codec.PAYLOAD_BITS)
    marked = _marked(tally, cover, payload)
    tally.psnr.append(measures.psnr(cover, marked))
    tally.ssim.append(measures.ssim(cover, marked))
    tally.flat.append(measures.flat_step(cover, marked))
    for name in TRANSFORMS:
        _try(tally, name, marked, payload, seed, f"{path.stem}@{longest}", name)
    over = apply_mark(cover, Recipe(text="ANNA STUDIO", line2="Preview"), b"an asset's key", 0)
    marked = _marked(tally, over, payload)
    for name in OVER_THE_VISIBLE_MARK:
        _try(tally, name, marked, payload, seed, f"{path.stem}@{longest}", f"visible mark: {name}")


def _marked(tally: Tally, cover: measures.Picture, payload: int) -> measures.Picture:
    start = time.process_time()
    marked = codec.embed(cover, payload, KEY)
    tally.embed.append((time.process_time() - start) * 1e9 / (cover.size / 3))
    return marked


def _try(tally: Tally, name: str, marked: measures.Picture, payload: int, seed: int, label: str, row: str) -> None:
    chance = Random(seed ^ zlib.crc32(name.encode()))
    found = np.asarray(TRANSFORMS[name](Image.fromarray(marked), chance))
    start = time.process_time()
    got, _ = codec.extract(found, KEY)
    tally.extract.append((time.process_time() - start) * 1e9 / (found.size / 3))
    tally.read[row][0] += got == payload
    tally.read[row][1] += 1
    tally.wrong += got not in (None, payload)
    if got != payload:
        tally.missed[row].append(label)


def _summary(tally: Tally) -> dict[str, object]:
    rms, step = zip(*tally.flat, strict=True)
    return {
        "exact": tally.share(),
        "wrong": tally.wrong,
        "psnr": {"mean": statistics.mean(tally.psnr), "min": min(tally.psnr)},
        "ssim": {"mean": statistics.mean(tally.ssim), "min": min(tally.ssim)},
        "flat": {"rms worst": max(rms), "step worst": max(step)},
        "embed ms per megapixel": statistics.median(tally.embed),
        "extract ms per megapixel": {
            "median": statistics.median(tally.extract),
            "95th percentile": float(np.percentile(tally.extract, 95)),
        },
        "rows": {row: f"{good}/{tried}" for row, (good, tried) in tally.read.items()},
        "missed": dict(tally.missed),
    }


@dataclass
class Blank:
    """Extractions that must find nothing."""

    unmarked: int = 0
    other_key: int = 0
    hits: int = 0


def _blank(paths: list[Path], wanted: int) -> dict[str, int]:
    """Pictures without a mark, or with another key's, in plain and transformed form, read with many keys."""
    counted, chance, names = Blank(), Random(7), list(TRANSFORMS)
    while wanted and counted.unmarked + counted.other_key < wanted:
        cover = np.asarray(at_size(chance.choice(paths), chance.choice((480, 640, 800))))
        for kind, picture in (("unmarked", cover), ("other_key", codec.embed(cover, 5, b"the mark's key"))):
            moved = TRANSFORMS[chance.choice(names)](Image.fromarray(picture), chance)
            ground = read.survey(np.asarray(moved))
            for _ in range(10):
                counted.hits += any(True for _ in read.readings(ground, chance.randbytes(16)))
                setattr(counted, kind, getattr(counted, kind) + 1)
    return asdict(counted)


def _collude(paths: list[Path], pairs: int) -> dict[str, dict[str, int]]:
    """Two links' copies mixed each way: how often both, one, nobody or an innocent is named."""
    counted: dict[str, dict[str, int]] = {}
    chance = Random(11)
    for turn in range(pairs):
        cover = np.asarray(at_size(chance.choice(paths), chance.choice((1280, 960))))
        links = [chance.getrandbits(codec.PAYLOAD_BITS) for _ in range(2)]
        copies = [codec.embed(cover, link, KEY) for link in links]
        mix = list(MIXES)[turn % len(MIXES)]
        named = {payload for payload, _ in codec.extract_all(mixed(mix, copies, chance), KEY)}
        row = counted.setdefault(mix, {"both": 0, "one": 0, "nobody": 0, "innocent": 0})
        outcome = ("nobody", "one", "both")[len(named & set(links))]
        row["innocent" if named - set(links) else outcome] += 1
    return counted


if __name__ == "__main__":
    main()
