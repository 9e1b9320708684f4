"""Lay down 20 real photographs at preview size: `python -m tests.bench.visible.photos [DIR]`.

Needs apt-get, dpkg and scikit-image. The pictures stay in build/: they are others' work and no part of this project.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import skimage.data
from PIL import Image, ImageOps

PACKAGES = ("mate-backgrounds", "plasma-workspace-wallpapers")
NATURE = ["Garden", "Dune", "Wood", "Aqua", "TwoWings", "Storm", "GreenMeadow", "RainDrops", "LadyBird", "YellowFlower"]
PLASMA = ["FallenLeaf", "EveningGlow", "DarkestHour", "Kite", "OneStandsOut", "ColorfulCups", "Grey", "Path"]
STUDIES = ("astronaut", "coffee")
DEFAULT = Path("build/bench/photos")
SIZE = (1600, 1066)


def unpack(box: Path) -> dict[str, Path]:
    """Download the packages into `box`; the path of each photograph in them."""
    subprocess.run(["apt-get", "download", *PACKAGES], cwd=box, check=True, capture_output=True)
    for package in box.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, box], check=True)
    share = box / "usr/share"
    paths = {name: share / f"backgrounds/mate/nature/{name}.jpg" for name in NATURE}
    return paths | {name: share / f"wallpapers/{name}/contents/images/2560x1600.jpg" for name in PLASMA}


def fetch(folder: Path) -> int:
    """Write every photograph that isn't there yet; how many there are then."""
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.glob("*.jpg"))) < len(NATURE) + len(PLASMA) + len(STUDIES):
        with tempfile.TemporaryDirectory() as box:
            pictures = {name: Image.open(path).convert("RGB") for name, path in unpack(Path(box)).items()}
            pictures |= {name: Image.fromarray(getattr(skimage.data, name)()) for name in STUDIES}
            for name, picture in pictures.items():
                ImageOps.fit(picture, SIZE, Image.Resampling.LANCZOS).save(folder / f"{name}.jpg", quality=95)
    return len(list(folder.glob("*.jpg")))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    print(f"{fetch(target)} photographs in {target}")
