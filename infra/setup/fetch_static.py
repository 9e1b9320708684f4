"""Copies the scripts, styles and fonts the service ships from ``node_modules`` into folders that git ignores.

``npm ci`` has fetched them by the hashes in package-lock.json; nothing here touches the network.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
VENDOR = "service/static/vendor"
FONTS = "watermark/fonts"
COPIES = {
    "htmx.org/dist/htmx.min.js": f"{VENDOR}/htmx.min.js",
    "htmx.org/LICENSE": f"{VENDOR}/htmx.LICENSE",
    "photoswipe/dist/photoswipe.esm.min.js": f"{VENDOR}/photoswipe/photoswipe.esm.min.js",
    "photoswipe/dist/photoswipe-lightbox.esm.min.js": f"{VENDOR}/photoswipe/photoswipe-lightbox.esm.min.js",
    "photoswipe/dist/photoswipe.css": f"{VENDOR}/photoswipe/photoswipe.css",
    "photoswipe/LICENSE": f"{VENDOR}/photoswipe/LICENSE",
    "thumbhash/thumbhash.js": f"{VENDOR}/thumbhash/thumbhash.js",
    "thumbhash/package.json": f"{VENDOR}/thumbhash/package.json",  # it has no other file that names its licence
    "tus-js-client/dist/tus.min.js": f"{VENDOR}/tus.min.js",
    "tus-js-client/LICENSE": f"{VENDOR}/tus.LICENSE",
    "@noble/hashes/sha2.js": f"{VENDOR}/noble/sha2.js",
    "@noble/hashes/_md.js": f"{VENDOR}/noble/_md.js",
    "@noble/hashes/_u64.js": f"{VENDOR}/noble/_u64.js",
    "@noble/hashes/utils.js": f"{VENDOR}/noble/utils.js",
    "@noble/hashes/LICENSE": f"{VENDOR}/noble/LICENSE",
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": f"{FONTS}/DejaVuSans.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf": f"{FONTS}/DejaVuSans-Bold.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf": f"{FONTS}/DejaVuSansCondensed-Bold.ttf",
    "dejavu-fonts-ttf/LICENSE": f"{FONTS}/DejaVu.LICENSE",
}


def fetch(modules: Path, root: Path) -> list[str]:
    """Copies everything; the packages' files that are missing or empty, if any (then nothing was copied)."""
    missing = [name for name in COPIES if not (modules / name).is_file() or not (modules / name).stat().st_size]
    if missing:
        return missing
    for name, place in COPIES.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / name, target)
    return []


def main() -> None:
    missing = fetch(HERE / "node_modules", HERE)
    if missing:
        sys.exit("node_modules lacks " + ", ".join(missing) + "; run `npm ci` and try again")


if __name__ == "__main__":
    main()
