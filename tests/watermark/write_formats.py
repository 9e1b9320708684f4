"""Writes infra/docs/formats.md: each kind of file through the sandbox, its proof compared with what it should look like.

    python -m tests.watermark.write_formats

The same comparisons are tests (`test_formats.py`, `test_moving.py`), with the bars in the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.samples.every import all_kinds
from tests.samples.fonts import packings
from tests.samples.moving import SOUNDS, decoded, sound_sample
from tests.samples.scene import Sample
from tests.watermark.conftest import FAKE, KEY, RECIPE, pixels
from tests.watermark.test_formats import likeness
from watermark import Header, Limits, Page, Sandbox
from watermark.outside.office import SOFFICE

PAGE = Path(__file__).parents[2] / "infra" / "docs" / "formats.md"
HEAD = """# Each format, and how near the preview is

Every kind of file that is shown, one sample or more of each, through the real sandbox. What is compared is the clean proof, before marking, with the picture that
was put into the file, by SSIM (1 is the same; structural similarity of the three channels, the larger brought to the smaller's size).
Written by `python -m tests.watermark.write_formats`; `make test` holds each to its bar. All samples are made by the project: `tests/samples/`.

- Raw files of makers are put together by hand, with a model of no maker's: LibRaw then develops without a colour matrix. No camera took them.
  The CR3's sensor is a lossless crx stream of one tile; Canon's lossy ones (C-RAW) are not among them.
- A font's sheet is ours to lay out, so OTF, TTC, WOFF and WOFF2 are compared with the TTF's sheet; a sound's waveform with the WAV's;
  AMR, which nothing here writes but the project, with a WAV of what ffmpeg decodes from it outside the sandbox.
  ffmpeg's AAC begins with a click, and a waveform is drawn to the loudest: hence M4A and AAC.
- Office documents were read by LibreOffice; on a machine without it they are cards, and are asserted to be. DOC, XLS and PPT are what LibreOffice
  itself writes of the DOCX, XLSX and PPTX; without it they are only told apart, by storages of the project's making.

| Kind | Sample | Told as | Pages | SSIM | At least |
|---|---|---|---:|---:|---:|
"""


def main() -> None:
    lines = []
    with Sandbox(Limits(pages=3), marker=FAKE) as box:
        same = {sample.format: shown(box, first)[1] for sample, first in like_another()}
        for sample in all_kinds():
            header, pages = shown(box, sample)
            references = [sample.reference, *sample.later] if sample.reference is not None else []
            if sample.format in same and not references:
                references = [pixels(same[sample.format][0].proof)]
            lines.append(row(sample, header, pages, references))
            print(lines[-1])
    there = "with LibreOffice" if SOFFICE.present() else "without LibreOffice"
    PAGE.write_text(HEAD + "\n".join(lines) + f"\n\nOn a machine {there}, {datetime.now(UTC):%Y-%m-%d}.\n")


def like_another() -> Iterable[tuple[Sample, Sample]]:
    """Samples whose look is the renderer's own choice, with one that must look the same."""
    yield from ((sample, packings()[0]) for sample in packings()[1:])
    yield from ((sound_sample(kind), sound_sample("WAV")) for kind in SOUNDS if kind not in ("WAV", "Ogg", "AMR"))
    amr = sound_sample("AMR")
    yield amr, replace(amr, filename="decoded.wav", content=decoded(amr.content, "amr"))


def shown(box: Sandbox, sample: Sample) -> tuple[Header, list[Page]]:
    path = PAGE.parents[2] / "build" / "formats" / sample.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sample.content)
    with box.ingest(path, filename=sample.filename, recipe=RECIPE, key=KEY) as parts:
        header, *rest = parts
    assert isinstance(header, Header)
    return header, [part for part in rest if isinstance(part, Page)]


def row(sample: Sample, header: Header, pages: list[Page], references: list[npt.NDArray[np.uint8]]) -> str:
    found = [f"{likeness(page.proof, one):.3f}" for page, one in zip(pages, references, strict=False)]
    least = f"{sample.least:g}" if sample.reference is not None else ""
    told = header.media_type if header.kind != "card" else f"a card ({header.reason})"
    return f"| {sample.format} | {sample.filename} | {told} | {len(pages)} | {', '.join(found)} | {least} |"


if __name__ == "__main__":
    main()
