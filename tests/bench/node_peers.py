"""The peers that run on Node, by the lock file in ``peers/``: installed when a bench first asks for them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
_LOCK, _INSTALLED = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"


def node_peers() -> bool:
    """Whether they are there, as the lock file has them."""
    if _current():
        return True
    if shutil.which("npm"):
        subprocess.run(["npm", "ci"], cwd=PEERS, check=False, stdout=subprocess.DEVNULL)
    return _current()


def _current() -> bool:
    return _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= _LOCK.stat().st_mtime
