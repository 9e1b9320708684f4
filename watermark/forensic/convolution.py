"""The error-correcting code: convolutional, rate 1/4, constraint length 9, read with soft decisions.

Generators 463, 535, 733, 745 (octal), free distance 24: K. J. Larsen, "Short convolutional codes with maximal free
distance for rates 1/2, 1/3, and 1/4", IEEE Trans. Information Theory 19(3), 1973. Decoding: A. J. Viterbi, "Error
bounds for convolutional codes", IEEE Trans. Information Theory 13(2), 1967, over all states (and several words) at once.
"""

import functools

import numpy as np
from numpy.typing import NDArray

MEMORY = 8
RATE = 4
GENERATORS = (0o463, 0o535, 0o733, 0o745)
STATES = 1 << MEMORY


def coded_length(bits: int) -> int:
    """Coded symbols for `bits` information bits: the register is flushed with MEMORY zeros."""
    return (bits + MEMORY) * RATE


def encode(bits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Information bits (n,) to symbols of -1 or +1, shape (coded_length(n),)."""
    padded = np.concatenate([np.zeros(MEMORY, np.uint8), bits, np.zeros(MEMORY, np.uint8)])
    count = bits.size + MEMORY
    window = np.lib.stride_tricks.sliding_window_view(padded, MEMORY + 1)[:count, ::-1]
    taps = np.array([[g >> MEMORY - i & 1 for i in range(MEMORY + 1)] for g in GENERATORS], np.uint8)
    parity = (window @ taps.T) & 1
    return (1.0 - 2.0 * parity.reshape(-1)).astype(np.float32)


@functools.cache
def _trellis() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each state its two predecessors (STATES, 2), and the symbols of those branches (STATES, 2, RATE).

    A state is the last MEMORY bits, newest highest; its newest bit is the branch's input.
    """
    state = np.arange(STATES)
    bit = state >> MEMORY - 1
    before = ((state << 1 & STATES - 1)[:, None] | np.arange(2)[None, :]).astype(np.intp)
    register = bit[:, None] << MEMORY | before
    parity = np.stack([_parity(register & g) for g in GENERATORS], axis=-1)
    return before, (1.0 - 2.0 * parity).astype(np.float32)


def _parity(values: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift in (8, 4, 2, 1):
        values = values ^ values >> shift
    return values & 1


def decode(soft: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The likeliest bits of each word: soft symbols (words, coded_length(n)), + for 0, to bits (words, n), metrics (words,).

    The metric is the correlation of the soft symbols with the re-encoded word.
    """
    before, symbols = _trellis()
    words_count, length = soft.shape
    steps = length // RATE
    branch = np.tensordot(soft.reshape(words_count, steps, RATE), symbols, axes=([2], [2]))
    metric = np.full((words_count, STATES), -1e30, np.float32)
    metric[:, 0] = 0.0
    choice = np.empty((steps, words_count, STATES), np.bool_)
    branch = np.ascontiguousarray(branch.swapaxes(0, 1)).reshape(steps, words_count, 2, STATES // 2, 2)
    for step in range(steps):
        # States s and s + STATES / 2 both come from 2s and 2s + 1, so no gathering is needed.
        reached = metric.reshape(words_count, 1, STATES // 2, 2) + branch[step]
        first, second = reached[..., 0], reached[..., 1]
        choice[step] = (second > first).reshape(words_count, STATES)
        metric = np.maximum(first, second).reshape(words_count, STATES)
    return _walk_back(choice, before, steps - MEMORY), metric[:, 0]


def _walk_back(choice: NDArray[np.bool_], before: NDArray[np.intp], count: int) -> NDArray[np.uint8]:
    steps, words_count, _ = choice.shape
    rows = np.arange(words_count)
    state = np.zeros(words_count, np.intp)
    bits = np.empty((words_count, steps), np.uint8)
    for step in range(steps - 1, -1, -1):
        bits[:, step] = state >> MEMORY - 1
        state = before[state, choice[step, rows, state].astype(np.intp)]
    return bits[:, :count]
