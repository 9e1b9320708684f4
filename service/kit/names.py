"""File names from outside, made safe to show and to write into a ZIP."""

from __future__ import annotations

import re
import unicodedata

_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
_MAX_BYTES = 200


def safe_name(name: str, fallback: str = "file") -> str:
    """One path segment: no separators, control, bidirectional or zero-width format characters, at most
    200 UTF-8 bytes with the ending kept, and no name that Windows reserves."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(" " if c in "\t\r\n" else c for c in text)
    text = "".join(
        c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or c == "\u200d"
    )
    text = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", text)).strip(" .") or fallback
    if text.split(".")[0].lower() in _RESERVED:
        text = f"_{text}"
    return _shorten(text)


def _shorten(text: str) -> str:
    """At most 200 bytes of UTF-8, cut in the stem so that the ending survives."""
    if len(text.encode()) <= _MAX_BYTES:
        return text
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending.encode()) > 16:
        stem, dot, ending = text, "", ""
    room = _MAX_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + ending


def base_name(path: str) -> str:
    """The last segment of a path as browsers of any system send it."""
    return re.split(r"[\\/]", path)[-1]


def safe_path(path: str) -> str:
    """A relative path of safe segments; ``..``, absolute and empty parts vanish."""
    parts = [p for p in re.split(r"[\\/]", path) if p.strip(" .\0")]
    return "/".join(safe_name(p) for p in parts[-8:]) or "file"


def unique_names(names: list[str]) -> list[str]:
    """The same names in the same order, made different from each other even where case is ignored."""
    seen: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 1
        while candidate.casefold() in seen:
            number += 1
            stem, dot, ending = name.rpartition(".")
            candidate = f"{stem} ({number}).{ending}" if dot and stem else f"{name} ({number})"
        seen.add(candidate.casefold())
        result.append(candidate)
    return result
