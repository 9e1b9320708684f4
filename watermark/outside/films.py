"""Films: pictures from five places, and the beginning as a marked clip.

The clip is made in two steps. First a clean one, sized down, which is a proof and stays private: when the mark changes, the
original is not read again. Then the mark is laid over it, and what was encoded is decoded again and compared with the clean one, second
by second, before anybody may see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from watermark.answers import read_marked
from watermark.child_process import next_answer
from watermark.confined_program import open_file, take_file
from watermark.errors import BadSource, MarkFailed, RenderStopped, WatermarkError
from watermark.layout_mp4 import bare_mp4
from watermark.limits import MIB, PROOF_SIDE
from watermark.outside import sounds
from watermark.outside.ffmpeg import (
    FILMS,
    NO_METADATA,
    PROGRAMS,
    RATE,
    THREADS,
    TONES_MAPPED,
    Film,
    convert,
    convert_original,
    probe,
)  # fmt: skip
from watermark.outside.task import Part, Task, clip_or_none, folder, held
from watermark.results import Clip, Header

MEDIA_TYPES: Final = FILMS
NEEDS: Final = PROGRAMS
PLACES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
CLIP_SECONDS: Final = 60.0
CLIP_SIDE: Final = 720
SLOT_SECONDS: Final = 2
"""The mark's geometry changes so often: lines that stood still for a minute could be told from what moves behind them."""
FRAME_SECONDS, CLEAN_SECONDS, BURN_SECONDS = 60.0, 400.0, 300.0
CLEAN_BYTES, MARKED_BYTES = 40 * MIB, 16 * MIB
_X264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", THREADS)
_PLAIN: Final = ("-bsf:v", "filter_units=remove_types=6", "-movflags", "+faststart", "-f", "mp4")
"""Without the encoder's notes to itself (NAL units of type 6), the index in front."""
_TO_SRGB: Final = f"{TONES_MAPPED}zscale=t=bt709:m=bt709:r=tv,format=yuv420p,"


def parts(task: Task) -> Iterator[Part]:
    """What an ingest yields: the header, the pictures, the clip. Raises MarkFailed, RenderStopped."""
    try:
        with folder() as place:
            film = probe(task.source, task.media_type, place, task.limits.memory)
        if not film.width:
            yield from sounds.parts_of(task, film)
            return
        pictures = _pictures(task, film)
    except BadSource as fault:
        yield task.card(fault.code)
        return
    yield Header("film", task.media_type, len(pictures), film.width, film.height, None, _notes(task, film))
    for number, picture in enumerate(pictures, 1):
        yield task.page_of(picture, number)
    yield from clip_or_none(lambda: _clip(task, film))


def _notes(task: Task, film: Film) -> tuple[str, ...]:
    return (*task.notes, "clip_shortened") if film.seconds > CLIP_SECONDS + 1 else task.notes


def _pictures(task: Task, film: Film) -> list[bytes]:
    """PPM pictures from several places, at the proof's size; fewer where it can't be read so far. Raises BadSource."""
    width, height = _fitted(film, PROOF_SIDE)
    found: list[bytes] = []
    fault: WatermarkError = BadSource(code="corrupt")
    for share in PLACES[: task.limits.pages] if film.seconds > 1 else PLACES[:1]:
        options = ["-ss", f"{share * film.seconds:.3f}", "-map", "0:v:0", "-frames:v", "1", "-an"]
        options += ["-vf", f"{_upright(film, width, height)},format=rgb24", "-c:v", "ppm", "-f", "image2", "out.ppm"]
        with folder() as place:
            try:
                convert_original(task, options, place, seconds=FRAME_SECONDS, most=16 * MIB)
                found.append(take_file(place, "out.ppm", 16 * MIB))
            except (BadSource, RenderStopped) as stopped:
                fault = stopped
                if isinstance(stopped, RenderStopped) and stopped.code != "bad_answer":
                    break
    if not found:
        raise BadSource(code="corrupt") if fault.code == "bad_answer" else fault
    return found


def _clip(task: Task, film: Film) -> Clip:
    """Raises BadSource, MarkFailed, RenderStopped."""
    width, height = _fitted(film, CLIP_SIDE)
    options = ["-t", str(CLIP_SECONDS), "-map", "0:v:0", *(["-map", "0:a:0"] if film.sound else []), *NO_METADATA]
    options += ["-vf", f"{_upright(film, width, height)},fps={film.rate:.6f}", *_X264, "-crf", "18"]
    options += ["-maxrate", "4M", "-bufsize", "8M", "-c:a", "aac", "-b:a", "96k", "-ac", "1", "-ar", "24000"]
    with folder() as place:
        convert_original(task, [*options, *_PLAIN, "clean.mp4"], place, seconds=CLEAN_SECONDS, most=CLEAN_BYTES)
        clean, *_ = bare_mp4(take_file(place, "clean.mp4", CLEAN_BYTES))
    return burn(task, clean)


def burn(task: Task, clean: bytes) -> Clip:
    """The clip for a clean one that `bare_mp4` has passed, with the mark by the task's recipe, also in its sound.

    Raises BadSource (`corrupt`), MarkFailed, RenderStopped. Nothing unmarked is ever returned as marked.
    """
    _, (width, height), _, sound = bare_mp4(clean)
    with folder() as place, held(clean) as source:
        _layers(task, source, place, width, height)
        heard = sounds.marked_sound(task, source, "video/mp4") if sound else None
        marked, size, seconds, still_sound = bare_mp4(_burnt(task, source, heard, place))
        if size != (width, height) or still_sound != sound:
            raise MarkFailed
        _compare(task, source, marked, width, height)
        if sound:
            with held(marked) as again:
                sounds.check(task, again)
    return Clip("film", seconds, width, height, clean, marked, task.recipe.digest())


def _layers(task: Task, source: int, place: Path, width: int, height: int) -> None:
    """Draw a mark for each slot of the clip into `place` as PNG, by the look of the film there."""
    with folder() as apart:
        convert(
            ["-map", "0:v:0", "-vf", "fps=1,format=rgb24", "-c:v", "rawvideo", "-f", "rawvideo", "seen"],
            source=source, media_type="video/mp4", folder=apart, memory=task.limits.memory,
            seconds=FRAME_SECONDS, most=160 * MIB,
        )  # fmt: skip
        with open_file(apart, "seen", 160 * MIB) as seen:
            ask = task.ask("layers", seen.fileno(), width=width, height=height, together=SLOT_SECONDS)
            with ask as child:
                count = 0
                while True:
                    told, blobs = next_answer(child, "layer", "end")
                    if told["type"] == "end":
                        break
                    if len(blobs) != 1 or count >= CLIP_SECONDS:
                        raise RenderStopped(code="bad_answer")
                    count += 1
                    (place / f"layer{count:03d}.png").write_bytes(blobs[0])
    if not count:
        raise BadSource(code="corrupt")


def _burnt(task: Task, source: int, heard: bytes | None, place: Path) -> bytes:
    if heard is not None:
        (place / "heard").write_bytes(heard)
    options = ["-f", "image2", "-framerate", f"1/{SLOT_SECONDS}", "-i", "layer%03d.png"]
    options += ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "heard"] if heard is not None else []
    options += ["-filter_complex", "[0:v][1:v]overlay=eof_action=repeat:shortest=0[v]", "-map", "[v]"]
    options += ["-map", "2:a", "-c:a", "aac", "-b:a", "48k"] if heard is not None else []
    options += [*NO_METADATA, *_X264, "-crf", "29", "-maxrate", "1500k", "-bufsize", "3M", *_PLAIN, "marked.mp4"]
    convert(
        options, source=source, media_type="video/mp4", folder=place, memory=task.limits.memory,
        seconds=BURN_SECONDS, most=MARKED_BYTES + 80 * MIB,
    )  # fmt: skip
    return take_file(place, "marked.mp4", MARKED_BYTES)


def _compare(task: Task, source: int, marked: bytes, width: int, height: int) -> None:
    """Decode what was encoded beside the clean one, a picture a second, and have each looked at. Raises MarkFailed."""
    with folder() as place:
        (place / "marked.mp4").write_bytes(marked)
        options = ["-i", "marked.mp4", "-filter_complex", "[0:v]fps=1[a];[1:v]fps=1[b];[a][b]hstack,format=rgb24[v]"]
        options += ["-map", "[v]", "-c:v", "rawvideo", "-f", "rawvideo", "both"]
        convert(
            options, source=source, media_type="video/mp4", folder=place, memory=task.limits.memory,
            seconds=FRAME_SECONDS * 2, most=320 * MIB,
        )  # fmt: skip
        with (
            open_file(place, "both", 320 * MIB) as both,
            task.ask("compare_films", both.fileno(), width=width, height=height) as child,
        ):
            read_marked(*next_answer(child, "marked"))
            next_answer(child, "end")


def _fitted(film: Film, side: int) -> tuple[int, int]:
    """Even, at most `side`, never larger than the film."""
    scale = min(1.0, side / max(film.width, film.height))
    return max(16, round(film.width * scale / 2) * 2), max(16, round(film.height * scale / 2) * 2)


def _upright(film: Film, width: int, height: int) -> str:
    """ffmpeg turns by itself what lies; pixels become square with the size."""
    tones = _TO_SRGB if film.hdr else ""
    matrix = "" if film.hdr else f":in_color_matrix={film.matrix}"
    return f"{tones}scale={width}:{height}:flags=area{matrix}:out_color_matrix=bt709,setsar=1"
