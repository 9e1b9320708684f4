"""The jobs that a child can be given, by name: each reads its file and yields answers, a header in JSON and its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final, TypeAlias

from watermark import ingest as work
from watermark.audible import check as audible_check
from watermark.audible import mark as audible
from watermark.audible.waveform import waveform
from watermark.imprint import imprint_all
from watermark.limits import Limits
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.results import Header, Outside, Page, Wanted
from watermark.sample import landscape
from watermark.steps.encode import decode_proof, encode_rendition
from watermark.steps.mark import Marker
from watermark.steps.resize import fitted, scale_to
from watermark.trace import trace
from watermark.visible import layers

Answer: TypeAlias = tuple[dict[str, Any], list[bytes]]


@dataclass(frozen=True)
class Circumstances:
    """What a job has to go by beside what it was told."""

    marker: Marker
    limits: Limits
    deadline: Deadline


def _ingest(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    recipe, key, wanted = *_mark_of(job), Wanted(**job["wanted"])
    parts = work.ingest(file, job["filename"], recipe, key, by.marker, by.limits, by.deadline, wanted)
    for part in parts:
        yield _page(part) if isinstance(part, Page) else _header(part)


def _one_page(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    """A picture that an outside program made of a file becomes the page `page` of it."""
    yield _page(work.page_of_picture(file, job["page"], *_mark_of(job), by.marker, by.limits, by.deadline))


def _remark(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    made = work.remark(file.read(), *_mark_of(job), job["page"], by.marker, by.deadline)
    yield {"type": "renditions", "sizes": list(made.pictures), "blur": made.blur}, list(made.pictures.values())


def _imprint(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    marked = [file.read(length) for length in job["lengths"]]
    for made in imprint_all(marked, job["payload"], bytes.fromhex(job["key"]), by.deadline):
        yield {"type": "imprint", "trace": made.trace}, [made.picture] if made.trace == "carried" else []


def _trace(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    keys = [bytes.fromhex(key) for key in job["keys"]]
    yield {"type": "readings", **asdict(trace(file, keys, by.limits, by.deadline))}, []


def _preview(job: dict[str, Any], _file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    whole = work.make_renditions(landscape(2048, 1365), 1, *_mark_of(job), by.marker, by.deadline)
    pixels = decode_proof(whole.pictures[2048])
    small = scale_to(pixels, *fitted(pixels.shape[1], pixels.shape[0], job["size"]))
    yield {"type": "preview"}, [encode_rendition(small)]


def _layers(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    """One layer of the mark for each `together` pictures of a film."""
    shown = layers.scenes(file, job["width"], job["height"], job["together"])
    for layer in layers.every_layer(shown, *_mark_of(job)):
        by.deadline.check()
        yield {"type": "layer"}, [layer]


def _compare_films(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    layers.insist_marked(file, job["width"], job["height"], by.deadline)
    yield {"type": "marked", "holds": True}, []


def _mark_sound(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    by.deadline.check()
    yield {"type": "heard"}, [audible.marked(file.read(), bytes.fromhex(job["key"]))]


def _listen(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    by.deadline.check()
    audible_check.insist_marked(file.read(), bytes.fromhex(job["key"]))
    yield {"type": "marked", "holds": True}, []


def _waveform(job: dict[str, Any], file: BinaryIO, by: Circumstances) -> Iterator[Answer]:
    drawn = waveform(file, job["rate"])
    yield _page(work.make_page(drawn, 1, *_mark_of(job), by.marker, by.deadline))


JOBS: Final[dict[str, Callable[[dict[str, Any], BinaryIO, Circumstances], Iterator[Answer]]]] = {
    "ingest": _ingest,
    "page": _one_page,
    "remark": _remark,
    "imprint": _imprint,
    "trace": _trace,
    "preview": _preview,
    "layers": _layers,
    "compare_films": _compare_films,
    "mark_sound": _mark_sound,
    "listen": _listen,
    "waveform": _waveform,
}


def _mark_of(job: dict[str, Any]) -> tuple[Recipe, bytes]:
    return Recipe.from_json(job["recipe"]), bytes.fromhex(job["key"])


def _header(header: Header | Outside) -> Answer:
    return {"type": "header" if isinstance(header, Header) else "outside", **asdict(header)}, []


def _page(page: Page) -> Answer:
    names = ("number", "width", "height", "proof_type", "digest", "reason", "blur")
    told = {name: getattr(page, name) for name in names}
    return {"type": "page", **told, "sizes": list(page.renditions)}, [page.proof, *page.renditions.values()]
