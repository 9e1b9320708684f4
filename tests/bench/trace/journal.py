"""What was measured already, so that a long run that was cut short goes on where it stopped.

One line of JSON a measurement. Lines made by another version of the code are passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CODE = ("watermark/forensic", "watermark/visible", "tests/bench/trace")


def code_digest() -> str:
    """Of all that a figure of this bench depends on."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / folder).glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


class Journal:
    """Measurements by name, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._code = path, code_digest()
        self._known: dict[str, Any] = {}
        if path.exists():
            lines = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
            self._known = {line["name"]: line["value"] for line in lines if line["code"] == self._code}
        path.parent.mkdir(parents=True, exist_ok=True)

    def once(self, name: str, measure: Callable[[], Any]) -> Any:
        """The measurement of this name: read if it was made, made and written if not."""
        if name not in self._known:
            self._known[name] = measure()
            with self._path.open("a") as file:
                file.write(json.dumps({"code": self._code, "name": name, "value": self._known[name]}) + "\n")
        return self._known[name]
