"""Calling ffmpeg and ffprobe, confined: the demuxer is named by us, so that no playlist or script is ever followed.

Options by ffmpeg's own manual (ffmpeg.org/ffmpeg-all.html); they work from 4.4 on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from watermark.confined_program import INPUT, Finished, ProgramLimits, run
from watermark.declare import Program
from watermark.errors import BadSource
from watermark.limits import MIB

if TYPE_CHECKING:
    from watermark.outside.task import Task

FFMPEG: Final = Program(("ffmpeg",), "ffmpeg")
FFPROBE: Final = Program(("ffprobe",), "ffmpeg")
PROGRAMS: Final = (FFMPEG, FFPROBE)

RAW_SOUND: Final = "audio/L16"
JPEG_XL: Final = "image/jxl"
DEMUXERS: Final = {
    **dict.fromkeys(("video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"), "mov"),
    **dict.fromkeys(("video/x-matroska", "video/webm"), "matroska"),
    **dict.fromkeys(("video/ogg", "audio/ogg"), "ogg"),
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-flv": "flv",
    "video/x-ms-asf": "asf",
    "application/mxf": "mxf",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/aiff": "aiff",
    "audio/x-caf": "caf",
    "audio/amr": "amr",
    JPEG_XL: "jpegxl_pipe",
    RAW_SOUND: "s16le",
}
"""The last is ours: bare samples, one channel, `RATE` a second."""
SOUNDS: Final = frozenset(kind for kind in DEMUXERS if kind.startswith("audio/") and kind != RAW_SOUND)
FILMS: Final = frozenset(DEMUXERS) - SOUNDS - {RAW_SOUND, JPEG_XL}
"""The media types of files that are read."""
RATE: Final = 24_000
THREADS: Final = "2"
PROBE_SECONDS: Final = 60.0
LARGEST_SIDE: Final = 8192
LONGEST: Final = 1e6
"""Seconds; whatever says it is longer is not believed."""
_LACKS: Final = ("Unknown encoder", "No such filter", "Unknown input format", "no decoder found", "Unsupported codec")
TONES_MAPPED: Final = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
"""Filters that bring high dynamic range to light that a screen has, linear still."""
NO_METADATA: Final = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")


@dataclass(frozen=True)
class Film:
    """What a file says of itself. `width` and `height` are as shown (upright, square pixels), 0 where there is no film.
    `seconds` is 0 where it is not known."""

    seconds: float
    width: int = 0
    height: int = 0
    rate: float = 25.0
    sound: bool = False
    matrix: str = "auto"
    hdr: bool = False
    primaries: str = ""


def probe(source: int, media_type: str, folder: Path, memory: int, side: int = LARGEST_SIDE) -> Film:
    """Sides longer than `side` are refused. Raises BadSource (`corrupt`, `truncated`, `too_many_pixels`, `unsupported`), RenderStopped."""
    program = FFPROBE.path() or ""
    argv = [program, "-v", "error", "-protocol_whitelist", "file", "-f", DEMUXERS[media_type]]
    argv += ["-print_format", "json", "-show_format", "-show_streams", "-i", INPUT]
    limits = ProgramLimits(
        memory=memory, cpu_seconds=60, wall_seconds=PROBE_SECONDS, stdout_bytes=4 * MIB, folder_bytes=MIB
    )
    done = run(argv, folder=folder, source=source, limits=limits)
    if done.exit_code != 0:
        raise BadSource(code=_why(done))
    try:
        return _film(json.loads(done.stdout), side)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError, RecursionError, OverflowError) as fault:
        raise BadSource(code="corrupt") from fault


def convert(
    options: Sequence[str], *, source: int, media_type: str, folder: Path, memory: int, seconds: float, most: int
) -> None:
    """Run ffmpeg on the file, its input first; `options` name the outputs, files in `folder` of together at most `most` bytes.

    Raises BadSource (`corrupt`, `truncated`, `program_missing` where it lacks an encoder), RenderStopped.
    """
    argv = [FFMPEG.path() or "", "-nostdin", "-v", "error", "-y", "-threads", THREADS]
    argv += [
        "-protocol_whitelist",
        "file",
        *_seek(options),
        "-f",
        DEMUXERS[media_type],
        *_bare(media_type),
        "-i",
        INPUT,
    ]
    argv += _rest(options)
    limits = ProgramLimits(memory=memory, cpu_seconds=int(2 * seconds), wall_seconds=seconds, folder_bytes=most)
    done = run(argv, folder=folder, source=source, limits=limits)
    if done.exit_code != 0:
        raise BadSource(code=_why(done))


def convert_original(task: Task, options: Sequence[str], folder: Path, *, seconds: float, most: int) -> None:
    """`convert` of the task's own file."""
    convert(
        options, source=task.source, media_type=task.media_type, folder=folder, memory=task.limits.memory,
        seconds=seconds, most=most,
    )  # fmt: skip


def _bare(media_type: str) -> Sequence[str]:
    return ("-ar", str(RATE), "-ac", "1") if media_type == RAW_SOUND else ()


def _seek(options: Sequence[str]) -> Sequence[str]:
    """A leading -ss stands before the input: there it jumps, behind it would decode all that is before."""
    return options[:2] if options[:1] == ["-ss"] else []


def _rest(options: Sequence[str]) -> Sequence[str]:
    return options[2:] if options[:1] == ["-ss"] else options


def _why(done: Finished) -> str:
    words = done.messages
    if any(lack in words for lack in _LACKS):
        return "program_missing"
    cut = "moov atom not found" in words or "End of file" in words or "EBML header parsing failed" in words
    return "truncated" if cut else "corrupt"


def _film(told: Any, side: int) -> Film:
    streams = [stream for stream in told["streams"] if isinstance(stream, dict)]
    film = next((stream for stream in streams if _is_film(stream)), None)
    sound = next((stream for stream in streams if stream.get("codec_type") == "audio"), None)
    if film is None and sound is None:
        raise BadSource(code="unsupported")
    lengths = [told.get("format", {}).get("duration"), *(stream.get("duration") for stream in (film, sound) if stream)]
    seconds = max((_number(length) for length in lengths), default=0.0)
    if film is None:
        return Film(seconds, sound=True)
    width, height = int(film["width"]), int(film["height"])
    if not (0 < width <= side and 0 < height <= side):
        raise BadSource(code="too_many_pixels" if width > 0 and height > 0 else "corrupt")
    wide, high = (int(part) for part in str(film.get("sample_aspect_ratio", "1:1")).split(":"))
    if wide > 0 and high > 0 and 1 / 8 < wide / high < 8:
        width = max(1, min(4 * LARGEST_SIDE, round(width * wide / high)))
    if _lies(film):
        width, height = height, width
    matrix = str(film.get("color_space", "unknown"))
    known = {"bt709": "bt709", "smpte170m": "bt601", "bt470bg": "bt601", "bt2020nc": "bt2020", "gbr": "auto"}
    guess = "bt709" if height >= 720 else "bt601"  # as players take it that says nothing of itself
    hdr = film.get("color_transfer") in ("smpte2084", "arib-std-b67")
    primaries = str(film.get("color_primaries", ""))
    return Film(seconds, width, height, _rate(film), sound is not None, known.get(matrix, guess), hdr, primaries)


def _is_film(stream: dict[str, Any]) -> bool:
    """A cover that belongs to a piece of music is none."""
    return stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")


def _lies(film: dict[str, Any]) -> bool:
    turns = [_number(data.get("rotation")) for data in film.get("side_data_list", []) if isinstance(data, dict)]
    return any(round(abs(turn)) % 180 == 90 for turn in turns)


def _rate(film: dict[str, Any]) -> float:
    """Pictures a second, at most 30."""
    for name in ("avg_frame_rate", "r_frame_rate"):
        top, _, bottom = str(film.get(name, "")).partition("/")
        if top.isdigit() and bottom.isdigit() and int(top) and int(bottom):
            found = Fraction(int(top), int(bottom))
            if 1 <= found <= 30:
                return float(found)
            return float(found / 2) if 30 < found <= 60 else 25.0
    return 25.0


def _number(text: object) -> float:
    try:
        value = float(str(text))
    except ValueError:
        return 0.0
    return value if -LONGEST < value < LONGEST else 0.0
