"""File names from outside: harmless to show, to store and to write into a ZIP on any system."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.names import base_name, safe_name, safe_path, unique_names

HARMFUL = {
    "../../etc/passwd": "_.._etc_passwd",
    "/etc/passwd": "_etc_passwd",
    "C:\\Windows\\system.ini": "C__Windows_system.ini",
    "photo\x00.jpg.exe": "photo.jpg.exe",
    "a\r\nContent-Type: text/html": "a Content-Type_ text_html",
    "invoice\u202egpj.exe": "invoicegpj.exe",
    "zero\u200bwidth\ufeff.jpg": "zerowidth.jpg",
    "tab\there.jpg": "tab here.jpg",
    "  spaces and dots. . ": "spaces and dots",
    'quote"<>|?*.jpg': "quote______.jpg",
    "": "file",
    "...": "file",
    "\u202e": "file",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "LPT1.tar.gz": "_LPT1.tar.gz",
    "console.log": "console.log",
    "line\u2028sep\u2029.jpg": "linesep.jpg",
    "\ud800lone.jpg": "_lone.jpg",
}


@pytest.mark.parametrize(("name", "safe"), HARMFUL.items(), ids=map(ascii, HARMFUL))
def test_promise_26_harmful_names_become_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    "name", ["Kāzas Rīgā.jpg", "婚禮.png", "свадьба.tif", "عرس.jpg", "👩\u200d👩\u200d👧.jpg", "a&b'c;d$(e)`f`.jpg"]
)
def test_promise_26_honest_names_of_any_script_stay(name: str) -> None:
    assert safe_name(name) == name


def test_promise_26_one_spelling_of_accents() -> None:
    assert safe_name("Ka\u0304zas.jpg") == "Kāzas.jpg"


@pytest.mark.parametrize("letter", ["a", "ā", "婚", "👰"])
def test_promise_26_a_thousand_letters_are_cut_and_the_ending_kept(letter: str) -> None:
    made = safe_name(letter * 1000 + ".jpeg")
    assert len(made.encode()) <= 200
    assert made.endswith(".jpeg")
    assert made.removesuffix(".jpeg").strip(letter) == ""


def test_promise_26_an_endless_ending_is_cut_too() -> None:
    assert len(safe_name("a." + "x" * 1000).encode()) <= 200


@given(st.text(max_size=400))
def test_promise_26_any_name_is_one_safe_segment(name: str) -> None:
    made = safe_name(name)
    assert made
    assert len(made.encode()) <= 200
    assert made not in {".", ".."}
    assert not set(made) & set('/\\<>:"|?*\0\r\n')
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in made)
    assert not any(unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI"} for c in made)


@given(st.text(max_size=400))
def test_promise_26_making_safe_is_done_once(name: str) -> None:
    assert safe_name(safe_name(name)) == safe_name(name)


@given(st.text(alphabet="ab./\\ \0", max_size=60))
def test_promise_26_no_path_leads_out(path: str) -> None:
    made = safe_path(path)
    assert not made.startswith("/")
    assert all(part not in {"", ".", ".."} for part in made.split("/"))


def test_paths_keep_their_folders() -> None:
    assert safe_path("raw/day 1/../../x\\y.jpg") == "raw/day 1/x/y.jpg"
    assert safe_path("") == "file"
    assert base_name("C:\\photos\\a.jpg") == "a.jpg"


def test_promise_26_names_in_one_zip_differ_even_where_case_is_ignored() -> None:
    made = unique_names(["a.jpg", "A.JPG", "a.jpg", "a (2).jpg", "b", "b", ".x", ".x"])
    assert len({name.casefold() for name in made}) == len(made)
    assert made[0] == "a.jpg"
    assert made[1].endswith(".JPG")


@given(st.lists(st.sampled_from(["a.jpg", "A.jpg", "a (2).jpg", "a (3).jpg", "ß", "SS", "ss"]), max_size=30))
def test_promise_26_any_list_of_names_becomes_different(names: list[str]) -> None:
    made = unique_names(names)
    assert len(made) == len(names)
    assert len({name.casefold() for name in made}) == len(made)
