"""Office documents: LibreOffice makes a PDF of them, whose pages are then shown as those of any other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from watermark.confined_program import ProgramLimits, open_file, run
from watermark.declare import Program
from watermark.errors import BadSource
from watermark.limits import MIB
from watermark.outside.task import Part, Task, folder
from watermark.results import Header

SOFFICE: Final = Program(("libreoffice", "soffice"), "libreoffice-writer libreoffice-calc libreoffice-impress")
NEEDS: Final = (SOFFICE,)
OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument"
ENDINGS: Final = {
    f"{OPEN_XML}.wordprocessingml.document": "docx",
    f"{OPEN_XML}.spreadsheetml.sheet": "xlsx",
    f"{OPEN_XML}.presentationml.presentation": "pptx",
    f"{_OPEN_DOCUMENT}.text": "odt",
    f"{_OPEN_DOCUMENT}.spreadsheet": "ods",
    f"{_OPEN_DOCUMENT}.presentation": "odp",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/rtf": "rtf",
}
MEDIA_TYPES: Final = frozenset(ENDINGS)
SOURCE_BYTES: Final = 256 * MIB
SECONDS: Final = 180.0
PROCESSES: Final = 8
"""It asks others for fonts and printers. More than one: so that it works as an account of its own where the server is root."""
RESTART: Final = 81
"""What LibreOffice ends with when it wants to be started again."""
READABLE: Final = ("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice", "/opt")
_COMMAND: Final = (
    *("--headless", "--invisible", "--nologo", "--norestore", "--nodefault", "--nolockcheck", "--nofirststartwizard"),
    *("--convert-to", "pdf", "--outdir"),
)
_SETTINGS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def parts(task: Task) -> Iterator[Part]:
    """What an ingest of a PDF yields, under the document's own type. Raises MarkFailed, RenderStopped."""
    try:
        with folder() as place:
            _convert(task, place)
            with open_file(place, "in.pdf", SOURCE_BYTES) as made:
                yield from _pages(task, made.fileno())
    except BadSource as fault:
        yield task.card(fault.code)


def _convert(task: Task, place: Path) -> None:
    """Leaves `in.pdf` in the folder. Raises BadSource, RenderStopped."""
    name = f"in.{ENDINGS[task.media_type]}"
    with open(task.source, "rb", closefd=False) as original, (place / name).open("wb") as copy:
        original.seek(0)
        shutil.copyfileobj(original, copy, MIB)
        if copy.tell() > SOURCE_BYTES:
            raise BadSource(code="too_complex")
    profile = place / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_SETTINGS)
    # Not through its script and splash program, which insist on a socket in /tmp.
    program = str(Path(SOFFICE.path() or "").resolve().parent / "soffice.bin")
    argv = [program, f"-env:UserInstallation=file://{place}/profile", f"-env:OSL_SOCKET_PATH={place}", *_COMMAND]
    argv += [str(place), str(place / name)]
    limits = ProgramLimits(
        memory=task.limits.memory, cpu_seconds=int(SECONDS), wall_seconds=SECONDS,
        folder_bytes=2 * SOURCE_BYTES, processes=PROCESSES, listens=True,
    )  # fmt: skip
    done = run(argv, folder=place, limits=limits, readable=READABLE)
    if done.exit_code == RESTART:  # its profile was new
        done = run(argv, folder=place, limits=limits, readable=READABLE)
    if done.exit_code != 0 or not (place / "in.pdf").is_file():
        raise BadSource(code="password_protected" if "password" in done.messages.lower() else "corrupt")


def _pages(task: Task, made: int) -> Iterator[Part]:
    """All pages, as the sandbox's child makes them of the PDF."""
    with task.sandbox.ingest(made, filename="in.pdf", recipe=task.recipe, key=task.key) as parts_of_pdf:
        for part in parts_of_pdf:
            if not isinstance(part, Header):
                yield part
            elif part.kind != "document":
                raise BadSource(code=part.reason or "corrupt")
            else:
                notes = (*task.notes, *part.notes)
                yield Header("document", task.media_type, part.page_count, None, None, None, notes)
