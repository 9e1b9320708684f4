"""Sound: told apart here, read by ffmpeg (`watermark.outside.sounds`)."""

from __future__ import annotations

from watermark.declare import About, signature, suffixes
from watermark.outside.ffmpeg import FFMPEG, SOUNDS
from watermark.rendering import ReadOutside

MP3, AAC, WAV = "audio/mpeg", "audio/aac", "audio/wav"


class AudioRenderer(ReadOutside):
    about = About(
        files="sound: MP3, WAV, FLAC, M4A, AAC, Ogg, Opus, AIFF, CAF, AMR",
        shown="a marked waveform, and the first minute at a low rate with an audible mark",
        cap="the waveform: the first four hours",
        media_types=SOUNDS,
        signatures=(
            signature(MP3, {0: b"ID3"}),
            *(signature(MP3, {0: b"\xff" + second}) for second in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")),
            *(signature(AAC, {0: b"\xff" + second}) for second in (b"\xf1", b"\xf9")),
            *(signature(WAV, {0: name, 8: b"WAVE"}) for name in (b"RIFF", b"RF64", b"BW64")),
            signature("audio/flac", {0: b"fLaC"}),
            *(signature("audio/mp4", {4: b"ftyp" + brand}) for brand in (b"M4A ", b"M4B ", b"F4A ")),
            signature("audio/ogg", {0: b"OggS\0"}),
            *(signature("audio/aiff", {0: b"FORM", 8: kind}) for kind in (b"AIFF", b"AIFC")),
            signature("audio/x-caf", {0: b"caff\0"}),
            signature("audio/amr", {0: b"#!AMR"}),
        ),
        suffixes=suffixes(
            {
                **dict.fromkeys(("m4a", "m4b"), "audio/mp4 video/mp4"),
                **dict.fromkeys(("ogg", "oga", "opus"), "audio/ogg video/ogg"),
                **dict.fromkeys(("aif", "aiff"), "audio/aiff"),
                "mp3": MP3,
                "aac": AAC,
                "wav": WAV,
                "flac": "audio/flac",
                "wma": "video/x-ms-asf",
                "caf": "audio/x-caf",
                "amr": "audio/amr",
            }
        ),
        needs=(FFMPEG,),
        heavy=True,
        outside=True,
    )


RENDERER = AudioRenderer()
