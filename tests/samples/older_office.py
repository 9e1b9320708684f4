"""DOC, XLS and PPT: what LibreOffice writes of our own documents where it is there; else storages (MS-CFB) as far as they can be told by."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.samples import office
from tests.samples.scene import Sample, scene
from watermark.outside.office import SOFFICE

STREAMS = {"doc": "WordDocument", "xls": "Workbook", "ppt": "PowerPoint Document"}
FREE, END, TABLE, LIST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
SECTOR = 512
NAMED = 109
"""The header names so many sectors of the table; sectors that say so list the others."""


@cache
def older(ending: str) -> Sample:
    """Not always the same bytes: LibreOffice writes the time into them."""
    drawn = office.on_sheet(office.A4) if ending == "xls" else scene(960, 640)
    content = _written(ending) if SOFFICE.present() else storage([STREAMS[ending]])
    return Sample(ending.upper(), f"page.{ending}", content, office.MEDIA_TYPES[ending], drawn, 0.9)


def _written(ending: str) -> bytes:
    sound = {"doc": office.docx, "xls": office.xlsx, "ppt": office.pptx}[ending]()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"page.{ending}x").write_bytes(sound)
        command = [SOFFICE.path() or "", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--convert-to", ending, "--outdir", folder, f"{folder}/page.{ending}x"]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return Path(folder, f"page.{ending}").read_bytes()


def storage(names: list[str], within: str = "", before: int = 0) -> bytes:
    """Empty streams of these names in the root, and one of the name ``within`` in a storage of its own.

    ``before`` sectors of filling lie before the directory: with many of them, the header has no room to name the whole table.
    """
    entries = [_entry("Root Entry", 5, within=1)]
    for number, name in enumerate(names, 1):
        entries.append(_entry(name, 2, behind=number + 1 if number < len(names) or within else FREE))
    if within:
        entries += [_entry("ObjectPool", 1, within=len(entries) + 1), _entry(within, 2)]
    directory = b"".join(entries)
    directory += bytes(-len(directory) % SECTOR)
    first, count = before, len(directory) // SECTOR
    chain = [END] * before + [first + 1 + number for number in range(count - 1)] + [END]
    each = SECTOR // 4
    tables = lists = 0
    for _ in range(4):  # the table has a place in itself
        tables = -(-(len(chain) + tables + lists) // each)
        lists = -(-max(0, tables - NAMED) // (each - 1))
    whole = [*chain, *[TABLE] * tables, *[LIST] * lists]
    whole += [FREE] * (tables * each - len(whole))
    places = list(range(len(chain), len(chain) + tables))
    at_lists = len(chain) + tables
    listed = b""
    for number in range(lists):
        some = places[NAMED + number * (each - 1) :][: each - 1]
        link = at_lists + number + 1 if number + 1 < lists else END
        listed += struct.pack(f"<{each}I", *some, *[FREE] * (each - 1 - len(some)), link)
    named = [*places[:NAMED], *[FREE] * (NAMED - len(places))]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, tables, first, 0, 4096, END, 0, at_lists if lists else END, lists)
    return (
        head
        + struct.pack(f"<{NAMED}I", *named)
        + bytes(SECTOR * before)
        + directory
        + struct.pack(f"<{len(whole)}I", *whole)
        + listed
    )


def _entry(name: str, kind: int, behind: int = FREE, within: int = FREE) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    told = spelt.ljust(64, b"\0") + struct.pack("<HBBIII", len(spelt), kind, 1, FREE, behind, within)
    return told.ljust(116, b"\0") + struct.pack("<IQ", END, 0)
