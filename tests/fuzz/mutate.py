"""Damage done to sound files, by the structure of their formats: every file made again from its number alone."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

from tests.fuzz.parts import Parts, parts_of

ODD = [0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000]
ODD += [0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 12345, 65000, 1 << 24]
WORDS = [b"0", b"-1", b"1e39", b"99999999999", b"4294967296", b"nan", b"/Kids", b"R", b"<g>", b"</g>", b"&a;", b"\0"]
LARGEST = 4 << 20

Mutation = Callable[[bytearray, Parts, random.Random], bytearray]


def mutated(samples: Sequence[bytes], number: int) -> bytes:
    """The damaged file of that number, never the sound one: one to five blows on a sample, some after a splice."""
    chance = random.Random(number)
    sound = samples[number % len(samples)]
    if sound.startswith(b"PK") and chance.random() < 0.7:
        return _inside(sound, chance)
    content = bytearray(sound)
    parts = parts_of(sound)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5])):
        content = chance.choice(MUTATIONS)(content, parts, chance)
    if chance.random() < 0.04:
        other = samples[chance.randrange(len(samples))]
        content = content[: chance.randrange(len(content) + 1)] + bytearray(other[chance.randrange(len(other)) :])
    if chance.random() < 0.7:
        content = with_right_sums(content)
    if bytes(content) == sound:
        content += bytes([chance.randrange(256)])
    return bytes(content[:LARGEST])


def _inside(sound: bytes, chance: random.Random) -> bytes:
    """A sound archive around one member that is not: else most damage to a document ends at the unpacking."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as before, zipfile.ZipFile(out, "w") as after:
        names = before.namelist()
        hit = chance.choice(names)
        for info in before.infolist():
            content = bytearray(before.read(info))
            if info.filename == hit:
                for _ in range(chance.choice([1, 1, 2, 3])):
                    if content:
                        content = chance.choice(MUTATIONS)(content, parts_of(bytes(content)), chance)
                content = with_right_sums(content) + bytes([chance.randrange(32, 127)])
            after.writestr(info, bytes(content[:LARGEST]))
    return out.getvalue()


def with_right_sums(content: bytearray) -> bytearray:
    """A PNG with the check sums that its damaged chunks should have: else most damage ends at the first of them."""
    if not content.startswith(b"\x89PNG"):
        return content
    at = 8
    while at + 12 <= len(content):
        end = at + 8 + int(struct.unpack_from(">I", content, at)[0])
        if end + 4 > len(content):
            break
        struct.pack_into(">I", content, end, zlib.crc32(content[at + 4 : end]))
        at = end + 4
    return content


def _somewhere(content: bytearray, parts: Parts, chance: random.Random) -> int:
    """A place, mostly near the start of a part: lengths, counts and offsets stand there."""
    if chance.random() < 0.7:
        start, end = chance.choice(parts)
        at = start + min(int(chance.expovariate(1 / 8)), end - start - 1)
    else:
        at = chance.randrange(max(1, len(content)))
    return max(0, min(at, len(content) - 1))


def _flip(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    for _ in range(chance.choice([1, 1, 3, 16])):
        if content:
            content[_somewhere(content, parts, chance)] ^= 1 << chance.randrange(8)
    return content


def _odd_number(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    form = chance.choice(["B", "<H", ">H", "<I", ">I"])
    size = struct.calcsize(form)
    at = _somewhere(content, parts, chance)
    if at + size <= len(content):
        struct.pack_into(form, content, at, chance.choice(ODD) & ((1 << 8 * size) - 1))
    return content


def _near_number(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    """A length or count that is a little wrong."""
    form = chance.choice(["<H", ">H", "<I", ">I"])
    size = struct.calcsize(form)
    at = _somewhere(content, parts, chance)
    if at + size <= len(content):
        old = int(struct.unpack_from(form, content, at)[0])
        struct.pack_into(form, content, at, (old + chance.choice([-2, -1, 1, 2, 16, old])) & ((1 << 8 * size) - 1))
    return content


def _cut(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    return content[: _somewhere(content, parts, chance) + chance.randrange(2)]


def _drop(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    start, end = chance.choice(parts)
    return content[:start] + content[end:]


def _repeat(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    start, end = chance.choice(parts)
    times = chance.choice([1, 1, 2, 50]) if end - start < 4000 else 1
    return content[:end] + content[start:end] * times + content[end:]


def _swap(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    (a, b), (c, d) = sorted((chance.choice(parts), chance.choice(parts)))
    if b > c:
        return content
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _fill(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    start, end = chance.choice(parts)
    start += min(chance.choice([0, 4, 8]), end - start)
    piece = chance.choice([b"\0", b"\xff", b"\x80", chance.randbytes(64)])
    length = min(end - start, 4096)
    content[start : start + length] = (piece * (length // len(piece) + 1))[:length]
    return content


def _word(content: bytearray, parts: Parts, chance: random.Random) -> bytearray:
    """For formats that are text: another number or word in the place of one, or very deep nesting."""
    start, end = chance.choice(parts)
    word = chance.choice(WORDS)
    if chance.random() < 0.05:
        word = b"<g>" * 20_000 if re.search(rb"<svg", content[:400]) else b"[" * 20_000
    return content[:start] + word + content[end:]


MUTATIONS: list[Mutation] = [_flip, _odd_number, _odd_number, _near_number, _cut, _drop, _repeat, _swap, _fill, _word]
