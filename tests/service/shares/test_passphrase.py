"""How passphrases are kept."""

from __future__ import annotations

from service.shares.passphrase import fits, kept


def test_the_same_words_fit_and_others_do_not() -> None:
    row = kept("zilas rozes")
    assert fits("zilas rozes", row)
    assert fits(" zilas rozes ", row)
    assert not fits("zilas roze", row)
    assert not fits("", row)
    assert not fits("x" * 1000, row)


def test_the_row_tells_nothing_and_is_salted() -> None:
    one, two = kept("rozes"), kept("rozes")
    assert one != two
    assert "rozes" not in one
    assert one.startswith("scrypt$14$8$1$")


def test_letters_typed_as_other_code_points_fit() -> None:
    assert fits("Be\u0304rzs", kept("B\u0113rzs"))


def test_a_lone_surrogate_is_no_crash() -> None:
    assert not fits("\ud800", kept("rozes"))
