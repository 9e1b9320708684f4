"""What an examination finds: `tillpaid doctor` prints these, and a command that depends on one can refuse to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "weak", "bad"]


@dataclass(frozen=True)
class Finding:
    """``weak`` works with less (a layer of defence, a format); ``bad`` does not work. ``advice`` says how to mend it."""

    part: str
    name: str
    state: State
    words: str
    advice: str = ""
