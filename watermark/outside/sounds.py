"""Sound: a picture of its waveform, and the beginning at a low rate with an audible mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watermark.answers import read_heard, read_marked, read_page
from watermark.child_process import next_answer
from watermark.confined_program import open_file, take_file
from watermark.errors import BadSource, MarkFailed
from watermark.layout_mp4 import bare_mp4
from watermark.limits import MIB
from watermark.outside.ffmpeg import (
    NO_METADATA,
    PROGRAMS,
    RATE,
    RAW_SOUND,
    SOUNDS,
    Film,
    convert,
    convert_original,
    probe,
)
from watermark.outside.task import Part, Task, clip_or_none, folder, held
from watermark.results import Clip, Header

MEDIA_TYPES: Final = SOUNDS
NEEDS: Final = PROGRAMS
WAVE_RATE: Final = 8_000
WAVE_SECONDS: Final = 4 * 3600.0
EXCERPT_SECONDS: Final = 60.0
EXCERPT_BYTES: Final = int(RATE * 2 * (EXCERPT_SECONDS + 1))
WAVE_BYTES: Final = int(WAVE_RATE * 2 * (WAVE_SECONDS + 1))
MARKED_BYTES: Final = 2 * MIB
DECODE_SECONDS, ENCODE_SECONDS = 300.0, 60.0


def parts(task: Task) -> Iterator[Part]:
    """What an ingest yields: the header, the waveform, the excerpt. Raises MarkFailed, RenderStopped."""
    try:
        with folder() as place:
            told = probe(task.source, task.media_type, place, task.limits.memory)
    except BadSource as fault:
        yield task.card(fault.code)
        return
    yield from parts_of(task, told)


def parts_of(task: Task, told: Film) -> Iterator[Part]:
    """The same, of a file that `probe` found to hold sound alone."""
    excerpt = _pcm("-t", str(EXCERPT_SECONDS), rate=RATE, name="excerpt")
    whole = _pcm("-t", str(WAVE_SECONDS), rate=WAVE_RATE, name="whole")
    try:
        with folder() as place:
            most = EXCERPT_BYTES + WAVE_BYTES
            convert_original(task, [*excerpt, *whole], place, seconds=DECODE_SECONDS, most=most)
            clean = take_file(place, "excerpt", EXCERPT_BYTES)
            with (
                open_file(place, "whole", WAVE_BYTES) as wave,
                task.ask("waveform", wave.fileno(), rate=WAVE_RATE) as child,
            ):
                page = read_page(*next_answer(child, "page"), 1, task.recipe)
                next_answer(child, "end")
    except BadSource as fault:
        yield task.card(fault.code)
        return
    longer = max(told.seconds, 0.0) > EXCERPT_SECONDS + 1
    notes = (*task.notes, "clip_shortened") if longer else task.notes
    yield Header("sound", task.media_type, 1, None, None, None, notes)
    yield page
    yield from clip_or_none(lambda: excerpt_of(task, clean))


def excerpt_of(task: Task, clean: bytes) -> Clip:
    """The excerpt for clean samples. Raises BadSource, MarkFailed, RenderStopped."""
    heard = _marked(task, clean)
    with folder() as place, held(heard) as source:
        options = [*NO_METADATA, "-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart", "-f", "mp4", "out.m4a"]
        convert(
            options, source=source, media_type=RAW_SOUND, folder=place, memory=task.limits.memory,
            seconds=ENCODE_SECONDS, most=MARKED_BYTES,
        )  # fmt: skip
        marked, _, seconds, sound = bare_mp4(take_file(place, "out.m4a", MARKED_BYTES))
    if not sound:
        raise MarkFailed
    with held(marked) as source:
        check(task, source)
    return Clip("sound", seconds, 0, 0, clean, marked, task.recipe.digest())


def check(task: Task, source: int) -> None:
    """Decode what was encoded, and listen for the mark in it. Raises MarkFailed, BadSource, RenderStopped."""
    with held(_samples(task, source, "video/mp4")) as again, task.ask("listen", again) as child:
        read_marked(*next_answer(child, "marked"))
        next_answer(child, "end")


def marked_sound(task: Task, source: int, media_type: str) -> bytes:
    """The samples of a clip's sound, with the audible mark. Raises BadSource, RenderStopped."""
    return _marked(task, _samples(task, source, media_type))


def _marked(task: Task, clean: bytes) -> bytes:
    with held(clean) as source, task.ask("mark_sound", source) as child:
        heard = read_heard(*next_answer(child, "heard"), len(clean))
        next_answer(child, "end")
    return heard


def _samples(task: Task, source: int, media_type: str) -> bytes:
    with folder() as place:
        convert(
            _pcm("-t", str(EXCERPT_SECONDS), rate=RATE, name="out"), source=source, media_type=media_type,
            folder=place, memory=task.limits.memory, seconds=ENCODE_SECONDS, most=EXCERPT_BYTES,
        )  # fmt: skip
        return take_file(place, "out", EXCERPT_BYTES)


def _pcm(*options: str, rate: int, name: str) -> list[str]:
    """Options for an output of bare samples."""
    plain = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(rate), "-c:a", "pcm_s16le", "-f", "s16le", name]
    return [*options, *plain]
