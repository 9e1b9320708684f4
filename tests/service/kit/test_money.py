"""Money is exact, in the currency's own minor units, and is read as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.money import MAX_MINOR, Money, NotMoney


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("450.00", "EUR", 45000),
        ("450", "EUR", 45000),
        ("450.5", "EUR", 45050),
        ("450,00", "EUR", 45000),
        ("1 450,00", "EUR", 145000),
        ("1\u00a0450,00", "EUR", 145000),
        ("1'450.00", "CHF", 145000),
        ("  12.30  ", "eur", 1230),
        ("0", "EUR", 0),
        ("0.01", "EUR", 1),
        ("1500", "JPY", 1500),
        ("1.234", "BHD", 1234),
        ("1", "BHD", 1000),
    ],
)
def test_amounts_as_people_write_them(typed: str, currency: str, minor: int) -> None:
    assert Money.parse(typed, currency) == Money(minor, currency.upper())


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"),
        ("abc", "EUR"),
        ("-1.00", "EUR"),
        ("+1.00", "EUR"),
        ("1.005", "EUR"),
        ("1.5", "JPY"),
        ("1.2345", "BHD"),
        ("1e3", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("0x10", "EUR"),
        ("1.2.3", "EUR"),
        ("1,450.00", "EUR"),
        ("1.450,00", "EUR"),
        (".5", "EUR"),
        ("5.", "EUR"),
        ("99999999999999999", "EUR"),
        ("9999999999999.99", "BHD"),
        ("12", "XXQ"),
        ("12", ""),
        ("12", "EURO"),
        ("12", "DEM"),
        ("1.00\n", "EU\nR"),
    ],
)
def test_what_is_no_amount(typed: str, currency: str) -> None:
    """An amount with both a comma and a point could mean two things a thousand times apart: it is asked again."""
    with pytest.raises(NotMoney):
        Money.parse(typed, currency)


@given(st.integers(0, MAX_MINOR), st.sampled_from(["EUR", "JPY", "BHD", "CHF", "USD"]))
def test_what_is_written_plainly_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.exact(money.plain(), currency) == money


@pytest.mark.parametrize(
    ("money", "plain"),
    [
        (Money(45000, "EUR"), "450.00"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(1500, "JPY"), "1500"),
        (Money(1234, "BHD"), "1.234"),
    ],
)
def test_plain_spelling(money: Money, plain: str) -> None:
    assert money.plain() == plain


@pytest.mark.parametrize(
    ("locale", "shown"), [("en", "€1,450.00"), ("lv", "1\u00a0450,00\u00a0€"), ("ru", "1\u00a0450,00\u00a0€")]
)
def test_shown_as_the_reader_writes_it(locale: str, shown: str) -> None:
    assert Money(145000, "EUR").shown(locale) == shown


def test_a_currency_without_minor_units_shows_none() -> None:
    assert Money(1500, "JPY").shown("en") == "¥1,500"
