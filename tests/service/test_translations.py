"""Every language says everything: each message in the code has a translation that keeps its placeholders."""

from __future__ import annotations

import html
import importlib.util
import io
import re
from types import ModuleType

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from sqlalchemy import select
from starlette.testclient import TestClient

from service.kit import translate
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.actors import new_studio, share_path, work
from tests.originals import Original
from tests.rules.sources import HERE

ALIKE = {"Licence", "Licence (PDF)"}
"""Latvian spells these as English does."""
OTHERS = [locale for locale in translate.LOCALES if locale != translate.DEFAULT]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def _writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_catalogue", HERE / "infra/setup/write_catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    return _writer()


@pytest.fixture(scope="module")
def template(writer: ModuleType) -> Catalog:
    made: Catalog = writer.extracted()
    return made


def _kept(writer: ModuleType, locale: str) -> Catalog:
    return read_po(io.BytesIO(writer.catalogue_path(locale).read_bytes()), locale=locale)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _said(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_extraction_reads_pages_mails_and_code(template: Catalog) -> None:
    for words in (
        "How to pay",
        "Your sign-in link for Tillpaid",
        "The amount must be more than zero.",
        "Please sign in first.",
    ):
        assert words in template, words
    assert len(template) > 400


@pytest.mark.parametrize("locale", OTHERS)
def test_every_message_is_translated(writer: ModuleType, template: Catalog, locale: str) -> None:
    kept = _kept(writer, locale)
    missing = [m.id for m in template if m.id and (m.id not in kept or not all(_forms(kept[m.id]) or ("",)))]
    assert not missing, f"run `make translations`, then translate in {writer.catalogue_path(locale)}: {missing}"


@pytest.mark.parametrize("locale", OTHERS)
def test_the_catalogue_is_as_the_command_writes_it(writer: ModuleType, template: Catalog, locale: str) -> None:
    stored = writer.catalogue_path(locale).read_bytes()
    assert writer.written(writer.updated(locale, template)) == stored, "run `make translations`"


@pytest.mark.parametrize("locale", OTHERS)
def test_translations_keep_the_placeholders(writer: ModuleType, locale: str) -> None:
    wrong = []
    for message in _kept(writer, locale):
        if not message.id:
            continue
        wanted = [set(_PLACEHOLDER.findall(said)) for said in _said(message)]
        wrong += [form for form in _forms(message) if set(_PLACEHOLDER.findall(form)) not in wanted]
        wrong += [
            form for form in _forms(message) if re.search(r"%(?!\(\w+\)[sd]|%)", form) and _PLACEHOLDER.search(form)
        ]
    assert not wrong


@pytest.mark.parametrize("locale", OTHERS)
def test_no_translation_is_a_guess(writer: ModuleType, locale: str) -> None:
    kept = _kept(writer, locale)
    assert not [m.id for m in kept if m.id and m.fuzzy]
    assert not [m.id for m in kept if m.id and len(_forms(m)) != (1 if isinstance(m.id, str) else kept.num_plurals)]


@pytest.mark.parametrize("locale", OTHERS)
def test_translations_keep_tags_addresses_and_edges(writer: ModuleType, locale: str) -> None:
    wrong = []
    for message in _kept(writer, locale):
        if message.id:
            wanted = [_bones(said) for said in _said(message)]
            wrong += [form for form in _forms(message) if _bones(form) not in wanted]
    assert not wrong


def _bones(words: str) -> tuple[list[str], bool]:
    """What a translation leaves as it is: tags, entities, addresses; and whether there is a space at an edge."""
    return sorted(re.findall(r"</?\w[^>]*>|&\w+;|https?://\S+|\{\w+\}", words)), words != words.strip()


@pytest.mark.parametrize("locale", OTHERS)
def test_no_english_stands_as_its_own_translation(writer: ModuleType, locale: str) -> None:
    same = [m.id for m in _kept(writer, locale) if m.id and m.id in _forms(m) and m.id not in ALIKE]
    assert [said for said in same if re.search(r"[a-z]{3,}", _PLACEHOLDER.sub("", str(said)))] == []


def test_no_russian_sentence_ends_in_a_date(writer: ModuleType) -> None:
    """A Russian date ends in a full stop of its own. ``day`` and ``due`` are dates wherever they stand."""
    forms = [form for message in _kept(writer, "ru") if message.id for form in _forms(message)]
    assert [form for form in forms if re.search(r"%\((day|due)\)s\.", form)] == []


def test_each_language_is_whole() -> None:
    """The one list is what lies there: a catalogue for each language but English, and the terms in each."""
    kept = {path.parent.parent.name for path in (HERE / "service/locale").glob("*/LC_MESSAGES/messages.po")}
    assert kept == set(OTHERS)
    readme, api = ((HERE / page).read_text(encoding="utf-8") for page in ("README.md", "infra/docs/api.md"))
    for locale in translate.LOCALES:
        assert str(Locale.parse(locale).english_name) in readme
        assert f"`{locale}`" in api
    assert {path.stem for path in (HERE / "service/accounts/templates/terms").glob("*.txt")} == set(translate.LOCALES)


COUNTS = (0, 1, 2, 5, 10, 11, 12, 14, 20, 21, 22, 25, 100, 101, 111, 121)
LATVIAN = "failu fails faili faili failu failu failu failu failu fails faili faili failu fails failu fails"
RUSSIAN = "файлов файл файла файлов файлов файлов файлов файлов файлов файл файла файлов файлов файл файлов файл"


@pytest.mark.parametrize(("locale", "words"), [("lv", LATVIAN.split()), ("ru", RUSSIAN.split())])
def test_files_are_counted_as_people_count(locale: str, words: list[str]) -> None:
    """CLDR's forms. Latvian: zero (0, 10 to 20, 30 ...), one (1, 21 ...) and other. Russian: one (1, 21 ...),
    few (2 to 4, 22 ...) and many; its other is for fractions, and we count nothing in parts."""
    with translate.using(locale):
        forms = [translate.ngettext("%(count)s file, %(size)s", "%(count)s files, %(size)s", n) for n in COUNTS]
    said = [form % {"count": n, "size": "9"} for form, n in zip(forms, COUNTS, strict=True)]
    assert said == [f"{n} {word}, 9" for n, word in zip(COUNTS, words, strict=True)]


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("count", [0, 1, 2, 5, 10, 11, 21, 111])
def test_every_counted_message_takes_the_form_of_its_number(writer: ModuleType, locale: str, count: int) -> None:
    """All of the catalogue, by CLDR's rule as Babel has it and not as the catalogue's header says it."""
    rule = Locale.parse(locale).plural_form
    reached = [tag for tag in ("zero", "one", "two", "few", "many", "other") if tag in {rule(n) for n in range(1000)}]
    counted = [m for m in _kept(writer, locale) if m.id and not isinstance(m.id, str)]
    assert len(counted) >= 30
    for message in counted:
        assert len(_forms(message)) == len(reached) and all(_forms(message)), message.id
        with translate.using(locale):
            said = translate.ngettext(*_said(message), count)
        assert said == _forms(message)[reached.index(rule(count))], message.id
        names = re.findall(r"%\((\w+)\)", said)
        told = said % {name: count if name in {"count", "num", "seconds", "shown"} else "X" for name in names}
        assert str(count) in told and "%" not in told, message.id


def test_latvian_says_within_so_many_minutes() -> None:
    words = "It works once, within %(num)s minute.", "It works once, within %(num)s minutes."
    with translate.using("lv"):
        said = [translate.ngettext(*words, count) % {"num": count} for count in (1, 15, 21)]
    assert [s.rsplit(", ", 1)[1] for s in said] == ["1 minūtes laikā.", "15 minūšu laikā.", "21 minūtes laikā."]


def test_russian_says_within_so_many_minutes() -> None:
    words = "It works once, within %(num)s minute.", "It works once, within %(num)s minutes."
    with translate.using("ru"):
        said = [translate.ngettext(*words, count) % {"num": count} for count in (1, 2, 15, 21)]
    ends = ["1 минуты.", "2 минут.", "15 минут.", "21 минуты."]
    assert [s.rsplit("в течение ", 1)[1] for s in said] == ends


@pytest.mark.parametrize("locale", OTHERS)
def test_pages_and_mails_speak_one_language(wiring: Wiring, client: TestClient, locale: str) -> None:
    """A walk: no English message of three words or more is left on any page or in any e-mail."""
    owner = new_studio(wiring, client, "Studija Kāpa")
    owner.page("POST", "/settings/account", {"name": "Ilze", "locale": locale})
    delivery = owner.delivery(locale=locale, terms=False, due_on="2026-03-20")["id"]
    owner.upload(delivery, Original("slāņi.psd", b"8BPS", ()))
    path = share_path(owner.link(delivery, announce=True))
    client_page = {"Accept": "text/html", "Accept-Language": locale}
    mine = [f"/deliveries/{delivery}", "/deliveries", "/deliveries/new", "/deliveries/deleted", "/clients"]
    mine += ["/outbox", "/trace", "/settings/look"]
    mine += [f"/settings/{part}" for part in ("profile", "getting-paid", "mark", "terms", "downloads", "account")]
    mine += [f"/settings/{part}" for part in ("tokens", "sessions")]
    said = {place: owner.page("GET", place).text for place in mine}
    said |= {"held": client.get(path, headers=client_page).text}
    work(wiring)
    owner.pay(delivery)
    said |= {"released": client.get(path, headers=client_page).text}
    said |= {"history": owner.page("GET", f"/deliveries/{delivery}").text}
    with wiring.db.read() as tx:
        mails = tx.scalars(select(OutboxMessage).where(OutboxMessage.recipient == "anna@example.com")).all()
    said |= {mail.kind: f"{mail.subject}\n{mail.body}" for mail in mails}
    assert {"ready", "released"} <= said.keys()
    english = _english(locale)
    left = [(place, words) for place, text in said.items() for words in english if words in html.unescape(text)]
    assert not left
    twice = re.compile(r"(?i:studij\w+|студи\w+) Studija")
    assert [place for place, text in said.items() if twice.search(text)] == [], (
        "a studio's name often says that it is one"
    )
    assert [place for place, text in said.items() if "г.." in text] == [], "a Russian date brings its own full stop"


def test_a_reason_of_our_own_is_told_in_the_readers_language(wiring: Wiring, client: TestClient) -> None:
    owner = new_studio(wiring, client)
    owner.page("POST", "/settings/account", {"name": "Ilze", "locale": "lv"})
    delivery = owner.delivery()["id"]
    payment = owner.pay(delivery).json()["payment"]["id"]
    owner.api("POST", f"/payments/{payment}/reverse", json={"reason": "atteikts bankā"})
    history = owner.page("GET", f"/deliveries/{delivery}").text
    assert "Oriģināli atkal glabājas līdz apmaksai: maksājums atcelts" in history
    assert "atteikts bankā" in history


def _english(locale: str) -> list[str]:
    """The longest plain run of each English message, where it has three words or more and is said differently."""
    kept = _kept(_writer(), locale)
    other = [said for message in kept if message.id for said in _said(message) if said not in _forms(message)]
    runs = [max(re.split(r"%\(\w+\)[sd]", said), key=len).strip() for said in other]
    return [run for run in runs if len(run.split()) >= 3]
