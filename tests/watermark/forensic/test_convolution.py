"""The code corrects, and the keyed stream never changes."""

import numpy as np

from watermark.forensic import chips, convolution, keystream


def test_clean_symbols_decode_to_the_same_bits() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 72)).astype(np.uint8)
    soft = np.stack([convolution.encode(row) for row in bits])
    decoded, metric = convolution.decode(soft)
    assert np.array_equal(decoded, bits)
    assert np.allclose(metric, soft.shape[1])


def test_noise_as_loud_as_the_symbols_is_corrected() -> None:
    chance = np.random.default_rng(2)
    bits = chance.integers(0, 2, 72).astype(np.uint8)
    noisy = convolution.encode(bits) + chance.normal(0, 1.0, (20, 320))
    decoded, _ = convolution.decode(noisy.astype(np.float32))
    assert (decoded == bits).all()


def test_the_free_distance_is_24() -> None:
    """One bit set is the lightest word of this code's kind: its weight is the number of taps."""
    one = np.zeros(40, np.uint8)
    base = convolution.encode(one)
    one[10] = 1
    assert int((convolution.encode(one) != base).sum()) == sum(g.bit_count() for g in convolution.GENERATORS) == 24


def test_the_checksum_is_keyed_and_sees_every_bit() -> None:
    value = keystream.checksum(b"key", 99, 48)
    assert 0 <= value < 1 << 24
    assert len({keystream.checksum(b"key", 99 ^ 1 << n, 48) for n in range(48)} | {value}) == 49
    assert keystream.checksum(b"other", 99, 48) != value


def test_marks_laid_today_read_in_ten_years() -> None:
    """Pinned values: if these change, every picture already served becomes untraceable."""
    assert keystream.words(b"key", "cells", 2).tolist() == PINNED_WORDS
    assert keystream.checksum(b"key", 0x1234, 48) == PINNED_CHECKSUM
    assert chips.layer_of(b"key", 0x1234) == PINNED_LAYER
    assert int(chips.cells(b"key", 0x1234).ravel()[:64].sum()) == PINNED_SUM


PINNED_WORDS = [13220511539779564247, 12143286009695745147]
PINNED_CHECKSUM = 0x38C9B5
PINNED_LAYER = 3
PINNED_SUM = 8
