"""A HEIC as phones write it (ISO 23008-12), put together by hand around one coded picture.

Encoders for it are not free to install here, so the coded picture is kept: ``scene(256, 176)`` by x265, as the
parameter sets and the slice of an HEVC stream (ITU-T H.265), in base64.
"""

from __future__ import annotations

import base64
import struct
from typing import Final

SIZE: Final = (256, 176)
PARAMETERS: Final = (  # 32: video, 33: sequence, 34: picture
    "QAEMAf//BAgAAAMAn6gAAAMAADy6AkA=",
    "QgEBBAgAAAMAn6gAAAMAADygCAgLFlupJMrmwIAAAAMAgAAADIQ=",
    "RAHBcrBiQA==",
)
SLICE: Final = """
KAGvdi0FwtiYpIg7rur/5xP/q/Wlsq/46c0F2ADSVWSO3x4vx6HCsIWcdVNUBa3u5KIL7BtAiEOWePzEnEBuerTkiJim2NUi/AGoNlpFLq6Az4wu6/YP
45ZNjbtkE5I+nNmUgHf9XMPrnQx099EkVb0yxX2ErAYtGclNai54l0sZsxWc1b268pzknKyrKjl941D3N6MlXi90tvg09yrATUwN06RVwoiB1MhC70KU
3+97fnRV/IcZAYN+U3oOV5NH3Mo1ZGXRCJ3Pg+kgQ/SGY995aX/ANb0qQqiXxSMOuOLlSNEEhlhllyORnQ+r5Kj4tFvRWQBoVNWQHfzqKotYyIBCcujG
rdOanl7qjmzJHv+jIQQOrvvwpM6kRrmGYLE+8cJf8OijYIJdTGyX11nsLv2oZMLSMRAWMq1yS/DYNJef9/EWg3L1nq2edSbnKuwoQoR9LZMQ6+V4+tDf
5UdR7EOohBLjEvSM5eVTO4q+oKeWAL8eg031xm8kOHwfLlSAw460eVdAzERbWbJ55bz2sieY/oQeApTmvPctlTq9zVGCum4LuEeM5A7OnyQngM/DGfzb
N3FAH+CpTeDm1CJeV4Iqn0VaqXydN7XbIRuJhm/AbDATxMjvwoT99jZzubpiHQ/0zeRlRITlIdCVFwUAPnL7TZQBHXYI0YHrK+UekyUmk+bQH19JUPmp
lq0fNLwyAgHUFLsDhKtdjygDI/pnKD1714dYRCMa9DLDTB4EB3ej3Ut+BhTa6sdvofHLoRKkr9DJHCDYWq0CA3rfNS8nO58xG7A7tPw1Gi5ZD142RTRf
tgyzG3/iU4J7Xf/NMHrQEm849/FR4WpW20HgCGC9f8twiGlkCd+n/SiwFkRqfxiT8EjFZHdmLNWUDKoWos+LRbiYPW4TK4nXjqOX10XnZl+Pnv20kOgn
KvF2LJNLFrdC902UmOXj9WGwz0Hla9/g+MiCQgvchARNp+68xUnLgebP65gRCi0+JUHnA89DbWwB/SNwP6TEY+NYxEwadXaAj+jUYdTejg0Gmj46pW/j
UEGRrnER3y3lSjnmBOw4yoXFM9GiPyy2VgdLKYD8SGiOGRWVqJKV4v9RktK+t+FK5JRaXJTuDJdSxHgtgG9NDfUBc/h/pSCjEiLoAKbMh2uATe9ufGa9
Jnbn1xLpGP2ZVCiiEQmFwwqPLz/WIBcxGbUN9EYfCI/4rZ+DZhAKbUhkD+ANn///qy/HyvNIN9AASLTmBC0q2tZaaXbBWYDfB5fcakjLWzey4nncNxJD
OOxmfwnwpmlQpgHoOeo3hxptjDrv+rL8n//x/jktVXwEcqEf52FAGTIStGvMvwNU8Wlqv9koLhEADqjdcgSyiJ44fhGWFhx9tnhBa9kS26Ko44tRhoXS
mRcghWWr3p9hp3MkW3SB8eD0JiHs9uQTfXxtXL2YYi7uePIJTj1K4Tm+P+BJtkRAuhwyXqP2rVHxoxkgDZU620b/jq0ZjcuhclW+t432JSsC4YpZro/p
4QEi0LGTnZmYGBmpaYVN7Ub6/onnVbcFl5xCVd9xPYoMnbEx90ZLfiWioMPXTCbDwOIBqFlMIusWa0YbRKqsblV61tTl58b6oAABCgzW6c/NWMxUgONK
AphfXxv5HhxSPpkmD1fCO81VART9vFlAY3UAnLCzqXHxKJh92Q+1UsAl8LTVc3QbwHMzZY+O4H3NLWKMan+rMcOxtyAEp869KagTej3IekraDAzwYeil
YHvuq4fAnMKqjCgwyKbiAR06Ze5FUDRx32Tx+ZirGu52q7y7CVdixehdiMR/XjC44pHzjWCKJQicT5D1MBMdb8C/QV75E1W25E5Rj1d4MqRuxeW358wu
p8+e7YgCZd/Bg19U5Lgj1jmmBOQx1w+ouIN2stWXObjYPlxAQ45jyfJvuX4sa8EvVM8Zg1ZDMFm+cJf5zUE3kwMighzaaib9ZZbNYilD+pcU0Hkq11vy
bUJK9FFZ8MGa1u1ffI/jnMh8i+qJid9RApg/ghDoko5B3drkD9lzeoXHwSkjkwc3FrRnQLlx3v2DjU++3jvm3JLWSzFXG0DArzlhHsaHb6oICSHMCsIs
0PSmrNZy6y5SLbvvqeI2WA8zCWME00ulV9W486PDJLe+tYtJVAYc9k9yS6AfwUAvZ7VoCvmbne0+0oSddNPg1YDvS5ObBSaRGOSEZhdk6m3O6H0+PDzk
dUBdX0FTVx6f6rMyUyoX0505SVk3ZJiuN9jgLCrcFK1fvA04bTVnXlSsv50O6w44caUJohbVna1DNZOk9fpeK+o7sp3g44B04HFFqZvqjVxrgaH8unjn
M73w+4TG2qWQgKI8jkwpkAlDAXcsrYPFshvrznfLkHyUpktKq9XKHwgj9QlrF4PQ50za80F2NqipYlHcActci4b8ZT9dldS1vwViZKzAufhEHFxylR0a
1rQrAxAMZkGcDnwAvLEdcMW3rd2GG1tpuwZoHeXer85bFAF2HJjB5Bmv/fYmZk40GwYfMdB26DKbEZ5JiJ7bIp8p7nZcYKKxuT738mRsDwCHJXBGLCG/
r9P+G7CPrMJIgQdtI9uNfSRahcwzzTkrbPDqXaGOeHj9HhrzPX82/douKEWz4ygKpLqeTfSSVVoUmxUbZhG/hQhHhjGXQy1cwf0LYcvVGD65/wRIe/j8
g+Agz7IEYGscH8BosjSpjUH4SfalnxtWvfS3dpnG/AET9Skvf0B8LlSFERoPOrIaIsDirCCqFkaQX5Erwr6RvwgQlGIAltlVrWeYUxWHRkn6Y3Nfummb
1hurQ2Vfx3o1A0f91DF6p4LUh4XGwkfyKKR1UHGD/3ScrlttdJaAzv8WCGAc20JSvG5sd41YJqMsubkWSlm6Qxcc/PjJQJ590E7DwGxANKFGSRCiyq8G
rj+eXd49ZvxKtjEfTvyDPIkn4wyeBXGL5Ksu9SJlQ6RsbixKJAKm+/XBVV4XG9gQieipdntNdhEUwBaooQ4A8/LeYL4nA2QkqRO/p5Kr/9XsH0H0y6OV
JEzYi3f6brqmAWfBsz0E6u1mO+VZqmNiuwuKWdMLsKSZemsBEB834+O2DsLJ4pH1SmLaNsMKzATwE9RUlXFK7SKn+gYmVnDdw/JXNXAnwvbBdJ/4U+5A
x2/GGjaNywMDIwHIIQDTQzhBgA==
"""
NUL_TYPES: Final = (32, 33, 34)


def heic(exif: bytes = b"", turned: int = 0, icc: bytes = b"", primaries: int = 1) -> bytes:
    """The file. ``exif`` is a TIFF block kept as a second item; ``turned`` counts quarter turns to the left; ``icc`` is a profile;
    ``primaries`` are the colours' number in ITU-T H.273."""
    coded = base64.b64decode(SLICE)
    picture = struct.pack(">I", len(coded)) + coded
    items = [(1, b"hvc1", picture)]
    if exif:
        items.append((2, b"Exif", struct.pack(">I", 0) + exif))
    kind = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    meta = _meta(items, _properties(turned, icc, primaries), 0)
    start = len(kind) + len(meta) + 8
    meta = _meta(items, _properties(turned, icc, primaries), start)
    return kind + meta + _box(b"mdat", b"".join(content for _, _, content in items))


def _meta(items: list[tuple[int, bytes, bytes]], properties: bytes, start: int) -> bytes:
    handler = _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
    primary = _full(b"pitm", struct.pack(">H", 1))
    entries = b"".join(
        _full(b"infe", struct.pack(">HH", number, 0) + kind + b"\0", version=2) for number, kind, _ in items
    )
    told = _full(b"iinf", struct.pack(">H", len(items)) + entries)
    places, at = b"", start
    for number, _, content in items:
        places += struct.pack(">HHHII", number, 0, 1, at, len(content))
        at += len(content)
    located = _full(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + places)
    extra = _full(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))) if len(items) > 1 else b""
    return _full(b"meta", handler + primary + told + located + extra + properties)


def _properties(turned: int, icc: bytes, primaries: int) -> bytes:
    """The first of them must be understood; a turn too, and it comes last."""
    extents = _full(b"ispe", struct.pack(">II", *SIZE))
    colour = _box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, 13, 6, 0x80))
    kinds = [_box(b"hvcC", _decoder()), extents, colour]
    if icc:
        kinds.append(_box(b"colr", b"prof" + icc))
    if turned:
        kinds.append(_box(b"irot", bytes([turned])))
    numbers = range(1, len(kinds) + 1)
    tied = bytes(number | 0x80 * (number == 1 or (turned > 0 and number == len(kinds))) for number in numbers)
    return _box(b"iprp", _box(b"ipco", b"".join(kinds)) + _full(b"ipma", struct.pack(">IHB", 1, 1, len(kinds)) + tied))


def _decoder() -> bytes:
    """HEVCDecoderConfigurationRecord (ISO 14496-15, 8.3.3.1): main still picture, 4:2:0, eight bits."""
    units = [base64.b64decode(unit) for unit in PARAMETERS]
    level = units[1][3:15]
    head = b"\x01" + level + b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f" + bytes([len(units)])
    arrays = b"".join(
        bytes([0x80 | kind]) + struct.pack(">HH", 1, len(unit)) + unit
        for kind, unit in zip(NUL_TYPES, units, strict=True)
    )
    return head + arrays


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + body)
