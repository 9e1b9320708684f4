"""Languages: the right plural, the right spelling of dates and sizes, the reader's preference."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel import Locale

from service.kit import translate
from service.kit.translate import (
    best_of,
    catalogue,
    known,
    language_options,
    ngettext,
    shown_date,
    shown_size,
    shown_time,
    using,
)

ONE = "Downloads stay open for %(num)s day. Please keep a copy of the files."
MANY = "Downloads stay open for %(num)s days. Please keep a copy of the files."


@pytest.mark.parametrize(("count", "said"), [(0, MANY), (1, ONE), (2, MANY), (21, MANY)])
def test_english_plurals(count: int, said: str) -> None:
    with using("en"):
        assert ngettext(ONE, MANY, count) == said


@pytest.mark.parametrize("locale", [locale for locale in translate.LOCALES if locale != translate.DEFAULT])
def test_plural_rules_are_cldrs(locale: str) -> None:
    """Of a catalogue's forms, in CLDR's order, the one that CLDR gives: for whole numbers, for we count nothing else."""
    rule = Locale.parse(locale).plural_form
    reached = [tag for tag in ("zero", "one", "two", "few", "many", "other") if tag in {rule(n) for n in range(1000)}]
    ours = catalogue(locale).plural  # type: ignore[attr-defined]
    assert [reached[ours(n)] for n in range(1000)] == [rule(n) for n in range(1000)]


def test_a_language_we_do_not_speak_is_english() -> None:
    assert known("de") == known(None) == known("../lv") == "en"
    assert catalogue("../lv").gettext("Outbox") == "Outbox"


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("lv", "lv"),
        ("lv-LV,lv;q=0.9,en;q=0.8", "lv"),
        ("en;q=0.5, lv;q=0.9", "lv"),
        ("ru-LV,ru;q=0.9,lv;q=0.8,en;q=0.7", "ru"),
        ("de, fr", None),
        ("", None),
        ("lv;q=0", None),
        ("lv;q=abc, en", "en"),
        ("*", None),
        ("," * 5000 + "lv", None),
    ],
)
def test_the_readers_preference(header: str, best: str | None) -> None:
    assert best_of(header) == best


def test_a_block_has_its_own_language() -> None:
    with using("lv"):
        with using("en"):
            assert translate.current() == "en"
        assert translate.current() == "lv"


@pytest.mark.parametrize(
    ("locale", "count", "shown"),
    [
        ("en", 0, "0\u00a0B"),
        ("en", 999, "999\u00a0B"),
        ("en", 20_400_000, "20.4\u00a0MB"),
        ("lv", 20_400_000, "20,4\u00a0MB"),
        ("ru", 0, "0\u00a0Б"),
        ("ru", 20_400_000, "20,4\u00a0МБ"),
        ("ru", 3_000_000_000_000_000, "3\u00a0000\u00a0ТБ"),
        ("en", 3_000_000_000_000_000, "3,000\u00a0TB"),
    ],
)
def test_sizes(locale: str, count: int, shown: str) -> None:
    with using(locale):
        assert shown_size(count) == shown


def test_dates_and_times_as_the_reader_writes_them() -> None:
    with using("lv"):
        assert shown_date(date(2026, 3, 2)) == "2026. gada 2. marts"
        assert "11:05" in shown_time(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "Europe/Riga")
    with using("en"):
        assert shown_date(date(2026, 3, 2)) == "March 2, 2026"
    with using("ru"):
        assert shown_date(date(2026, 3, 2)) == "2 марта 2026\u202fг."
        assert shown_time(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "Europe/Riga") == "2 мар. 2026\u202fг., 11:05"


def test_each_language_names_itself() -> None:
    assert language_options() == [("en", "English"), ("lv", "Latviešu"), ("ru", "Русский")]
