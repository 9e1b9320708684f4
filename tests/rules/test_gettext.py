"""No word goes to a screen past gettext: none stands bare in a template, in a script, or in an error that people are told."""

from __future__ import annotations

import ast
import re

from tests.rules.sources import python_files, texts

NAMES = {"Tillpaid", "IBAN", "BIC", "SHA", "Subject"}
"""Said alike in every language; and the header that each e-mail's template begins with."""
TOLD = ("title", "alt", "aria-label", "placeholder", "value", "content")
"""Attributes whose words a reader sees or hears; the machine's own values have no space or capital."""
NOT_SAID = (
    r"\{#.*?#\}",
    r"\{%-?\s*trans\b.*?endtrans\s*-?%\}",
    r"\{%-?\s*block \w*class\s*-?%\}.*?endblock\s*-?%\}",
    r"\{\{.*?\}\}",
    r"\{%.*?%\}",
    r"<(?:script|style|svg|code)\b.*?</(?:script|style|svg|code)>",
)


def bare_words(text: str) -> list[str]:
    """The words of a template that no translation reaches."""
    called = [
        words
        for told in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL)
        for words in re.findall(r'(?<!_\()"([A-Z][a-z]+[^"]*)"', re.sub(r"ngettext\(.*", "", told))
    ]
    for pattern in NOT_SAID:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    heard = re.findall(rf'\b(?:{"|".join(TOLD)})="([^"]*[A-Z][a-z]+ [^"]*)"', text)
    text = re.sub(r'<[^>]*>|&\w+;|[\w-]+="[^"]*"', " ", text)
    return called + heard + [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NAMES]


def bare_sentences(script: str) -> list[str]:
    """Sentences that a script would show by itself: it is handed its words in data attributes."""
    code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", script, flags=re.DOTALL)
    return [told for told in re.findall(r'["`]([^"`\n]*)["`]', code) if re.match(r"[A-Z][a-z]+ [a-z]", told)]


def bare_errors(source: str, kinds: set[str]) -> list[str]:
    """Errors of these kinds that are raised with a text nobody can translate."""
    return [
        ast.unparse(call)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in kinds and call.args
        if isinstance(call.args[0], ast.Constant | ast.JoinedStr)
        if re.search(r"[a-z]", re.sub(r"%\(\w+\)s", "", ast.unparse(call.args[0])))
    ]


def _kinds() -> set[str]:
    sources = texts("service/errors.py", "service/notify/channel.py")
    return {node.name for _path, source in sources for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def test_templates_hand_every_word_to_gettext() -> None:
    pages = [(path, text) for path, text in texts("service/**/*.html", "service/**/*.txt") if "/terms/" not in path]
    assert len(pages) > 40
    assert {path: found for path, text in pages if (found := bare_words(text))} == {}


def test_scripts_are_handed_their_words() -> None:
    scripts = list(texts("service/static/js/**/*.js"))
    assert len(scripts) > 5
    assert {path: found for path, text in scripts if (found := bare_sentences(text))} == {}


def test_errors_hand_their_words_to_gettext() -> None:
    kinds = _kinds()
    assert {"BadInput", "Conflict"} <= kinds
    assert {path: found for path, text in python_files("service") if (found := bare_errors(text, kinds))} == {}


def test_the_rules_can_fail() -> None:
    assert bare_words('<p>{{ _("Good") }} Bad words</p>') == ["Bad", "words"]
    assert bare_words('{{ ui.button("Send it") }}') == ["Send it"]
    assert bare_words('<a title="Go there" class="Not Said">{{ x }}</a>') == ["Go there"]
    assert bare_sentences('// Not this one\nnode.textContent = "Not done yet";') == ["Not done yet"]
    assert bare_errors('raise BadInput("No.", field="x")\nraise BadInput(N_("No."))', {"BadInput"}) == [
        "BadInput('No.', field='x')"
    ]
