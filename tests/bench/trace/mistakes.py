"""What a reader must never do: find a mark where none is, and name an innocent when two copies were mixed.

In pieces of a few readings each, so that a long run can be cut short and go on.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.bench.trace.collusion import MIXES, mixed
from tests.bench.trace.journal import Journal
from tests.bench.trace.measures import at_size
from tests.bench.trace.transforms import TRANSFORMS
from watermark.forensic import codec, read

KEY = b"the bench's own key"
BLANK_SIZES = (480, 640, 800, 1280, 1600)
KEYS_A_PICTURE = 8
PAIRS_A_PIECE = len(MIXES)


def blank(journal: Journal, paths: list[Path], wanted: int) -> dict[str, Any]:
    """Pictures without a mark, or with another key's, in plain and transformed form, read with many keys.

    Each is a whole extraction; only what no key has a part in is shared between the keys tried on one picture.
    """
    total: Counter[str] = Counter()
    costs: list[float] = []
    pieces = -(-wanted // (2 * KEYS_A_PICTURE))
    for number in range(pieces):
        found = journal.once(f"blank {number}", partial(_blank_piece, paths, number))
        total.update(found["counts"])
        costs += found["costs"]
        if number % 25 == 0:
            print("blank", dict(total), flush=True)
    cost = {"median": statistics.median(costs), "95th percentile": float(np.percentile(costs, 95))} if costs else {}
    return {**{name: total[name] for name in ("unmarked", "other_key", "hits")}, "ms per megapixel, one key": cost}


def _blank_piece(paths: list[Path], number: int) -> dict[str, Any]:
    chance = Random(f"blank {number}")
    cover = at_size(chance.choice(paths), BLANK_SIZES[number % len(BLANK_SIZES)])
    counts: Counter[str] = Counter()
    costs = []
    for kind, picture in (("unmarked", cover), ("other_key", codec.embed(cover, 5, b"the mark's key"))):
        moved = np.asarray(TRANSFORMS[chance.choice(list(TRANSFORMS))](Image.fromarray(picture), chance))
        start = time.process_time()
        ground = read.survey(moved)
        for turn in range(KEYS_A_PICTURE):
            counts["hits"] += any(True for _ in read.readings(ground, chance.randbytes(16)))
            counts[kind] += 1
            if turn == 0:
                costs.append((time.process_time() - start) * 1e9 / (moved.size / 3))
    return {"counts": counts, "costs": costs}


def collude(journal: Journal, paths: list[Path], pairs: int) -> dict[str, dict[str, int]]:
    """Two links' copies mixed each way: how often both, one, nobody or an innocent is named."""
    counted: dict[str, Counter[str]] = {}
    for number in range(-(-pairs // PAIRS_A_PIECE)):
        found = journal.once(f"collusion {number}", partial(_collusion_piece, paths, number))
        for mix, outcome in found.items():
            counted.setdefault(mix, Counter({"both": 0, "one": 0, "nobody": 0, "innocent": 0})).update([outcome])
    return {mix: dict(counts) for mix, counts in counted.items()}


def _collusion_piece(paths: list[Path], number: int) -> dict[str, str]:
    """One pair of links for each way of mixing."""
    chance = Random(f"collusion {number}")
    outcomes = {}
    for mix in MIXES:
        cover = at_size(chance.choice(paths), chance.choice((1280, 960)))
        links = [chance.getrandbits(codec.PAYLOAD_BITS) for _ in range(2)]
        copies = [codec.embed(cover, link, KEY) for link in links]
        named = {payload for payload, _ in codec.extract_all(mixed(mix, copies, chance), KEY)}
        outcome = ("nobody", "one", "both")[len(named & set(links))]
        outcomes[mix] = "innocent" if named - set(links) else outcome
    return outcomes
