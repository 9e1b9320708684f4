"""The short form of `make fuzz`: some hundreds of its files, the same ones in every run."""

from __future__ import annotations

from tests.fuzz.hostile_run import run, seeds
from tests.fuzz.mutate import mutated, with_right_sums
from tests.fuzz.parts import parts_of
from tests.samples.every import all_kinds

FILES = 200


def test_promise_25_every_hostile_file_ends_in_order() -> None:
    tally = run(range(0, FILES * 37, 37))
    assert tally.wrong == []
    assert tally.files == FILES == tally.ended.total()
    assert tally.ended["rendition"] > 10, "damage that leaves nothing to show tests only the first lines of a reader"
    assert sum(count for end, count in tally.ended.items() if end.startswith("card")) > 50


def test_a_file_is_made_again_from_its_number() -> None:
    contents = [content for _, content in seeds()]
    made = [mutated(contents, number) for number in range(200)]
    assert made == [mutated(contents, number) for number in range(200)]
    assert not set(made) & set(contents)


def test_the_parts_of_sound_files_are_found() -> None:
    for sample in all_kinds():
        parts = parts_of(sample.content)
        assert len(parts) >= 2, sample.filename
        assert all(0 <= start < end <= len(sample.content) for start, end in parts)
        cut = sample.content[: len(sample.content) // 3]  # a member of an archive is damaged more than once
        assert all(0 <= start < end <= len(cut) for start, end in parts_of(cut))


def test_sums_are_put_right() -> None:
    sound = next(sample.content for sample in all_kinds() if sample.format == "PNG")
    damaged = bytearray(sound)
    damaged[29:33] = b"\0\0\0\0"
    assert with_right_sums(damaged) == sound
