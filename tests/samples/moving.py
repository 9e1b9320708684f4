"""Films and sounds, made by the ffmpeg program from the drawn scene and from tones, but for AMR; and a document with words."""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from PIL import Image

from tests.samples.amr import amr
from tests.samples.scene import Sample, scene

CANARY = "TILLPAID-CANARY-film"
PLACE, PLACE_AS_KEPT = "+56.9496+024.1052/", bytes.fromhex("00181aee0038f318")  # 16.16 fixed point
FILMS = {
    "MP4": ("mp4", "video/mp4", "-c:v libx264 -preset ultrafast -crf 12 -pix_fmt yuv420p -c:a aac"),
    "MOV": ("mov", "video/quicktime", "-c:v mpeg4 -q:v 2 -c:a pcm_s16le"),
    "3GP": ("3gp", "video/3gpp", "-c:v mpeg4 -q:v 2 -c:a aac -f 3gp"),
    "MKV": ("mkv", "video/x-matroska", "-c:v libx264 -preset ultrafast -crf 12 -pix_fmt yuv420p -c:a flac"),
    "WebM": ("webm", "video/webm", "-c:v libvpx -b:v 2M -deadline realtime -c:a libopus"),
    "AVI": ("avi", "video/x-msvideo", "-c:v mpeg4 -q:v 2 -c:a pcm_s16le"),
    "MPEG": ("mpg", "video/mpeg", "-c:v mpeg2video -q:v 2 -c:a mp2"),
    "MTS": ("mts", "video/mp2t", "-c:v mpeg2video -q:v 2 -c:a mp2 -f mpegts"),
    "WMV": ("wmv", "video/x-ms-asf", "-c:v msmpeg4 -q:v 2 -c:a wmav2"),
    "FLV": ("flv", "video/x-flv", "-c:v flv1 -q:v 2 -ar 44100 -c:a libmp3lame"),
    "MXF": ("mxf", "application/mxf", "-c:v mpeg2video -q:v 2 -ar 48000 -c:a pcm_s16le"),
    "Ogg": ("ogv", "video/ogg", "-c:v libtheora -q:v 9 -c:a libvorbis"),
}
SOUNDS = {
    "WAV": ("wav", "audio/wav", "-c:a pcm_s16le"),
    "MP3": ("mp3", "audio/mpeg", "-c:a libmp3lame"),
    "FLAC": ("flac", "audio/flac", "-c:a flac"),
    "M4A": ("m4a", "audio/mp4", "-c:a aac -f ipod"),
    "AAC": ("aac", "audio/aac", "-c:a aac -f adts"),
    "Ogg": ("ogg", "audio/ogg", "-c:a libvorbis"),
    "Opus": ("opus", "audio/ogg", "-c:a libopus"),
    "AIFF": ("aiff", "audio/aiff", "-c:a pcm_s16be"),
    "CAF": ("caf", "audio/x-caf", "-c:a pcm_s16le"),
    "AMR": ("amr", "audio/amr", ""),
}


@cache
def film(kind: str = "MP4", seconds: float = 2.0, options: str = "") -> bytes:
    """The scene as it stands, with a tone, and canaries wherever a film can carry words."""
    ending, _, codecs = FILMS[kind]
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "scene.png")
        Image.fromarray(scene()).save(picture)
        inputs = f"-loop 1 -framerate 25 -i {picture} -f lavfi -i sine=440:sample_rate=44100"
        words = f"-metadata title={CANARY}-title -metadata comment={CANARY}-comment -metadata location={PLACE}"
        words += f" -metadata:s:v:0 handler_name={CANARY}-handler -metadata:s:a:0 language=lav"
        return _made(f"{inputs} -t {seconds} {codecs} {words} {options}", Path(folder, f"a.{ending}"))


@cache
def sound(kind: str = "WAV", seconds: float = 4.0, tone: str = "sine=330:sample_rate=44100") -> bytes:
    ending, _, codecs = SOUNDS[kind]
    if not codecs:
        return amr(seconds)
    with tempfile.TemporaryDirectory() as folder:
        words = f"-metadata title={CANARY}-sound-title -metadata comment={CANARY}-sound-comment"
        return _made(f"-f lavfi -i {tone} -t {seconds} {codecs} {words}", Path(folder, f"a.{ending}"))


@cache
def decoded(content: bytes, demuxer: str) -> bytes:
    """A WAV of what ffmpeg makes of a sound, outside every wall."""
    read = ["ffmpeg", "-v", "error", "-f", demuxer, "-i", "-", "-f", "wav", "-c:a", "pcm_s16le", "-"]
    return subprocess.run(read, input=content, capture_output=True, check=True, timeout=120).stdout


def _made(options: str, path: Path) -> bytes:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *options.split(), path], check=True, timeout=120)
    return path.read_bytes()


def film_sample(kind: str) -> Sample:
    ending, media_type, _ = FILMS[kind]
    return Sample(kind, f"a.{ending}", film(kind), media_type, scene(), 0.88)


def sound_sample(kind: str) -> Sample:
    ending, media_type, _ = SOUNDS[kind]
    return Sample(kind, f"a.{ending}", sound(kind), media_type)


def moving() -> list[Sample]:
    """A film, a sound and a document: enough for the table and the mutators; the others have a test of their own."""
    words = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return [
        *(film_sample(kind) for kind in ("MP4", "WebM")),
        sound_sample("MP3"),
        Sample("DOCX", "a.docx", document(), words),
    ]


def document(lines: int = 3) -> bytes:
    """The least that is a DOCX (ECMA-376, part 1, 11.3.10)."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    text = "".join(f"<w:p><w:r><w:t>{CANARY}-words {n}</w:t></w:r></w:p>" for n in range(lines))
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{text}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            archive.writestr(zipfile.ZipInfo(name), head + content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
