"""Every language says everything: each message in the code has a translation that keeps its placeholders."""

from __future__ import annotations

import html
import importlib.util
import io
import re
from types import ModuleType

import pytest
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


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 failu, 9 MB"),
        (1, "1 fails, 9 MB"),
        (2, "2 faili, 9 MB"),
        (10, "10 failu, 9 MB"),
        (11, "11 failu, 9 MB"),
        (21, "21 fails, 9 MB"),
        (19, "19 failu, 9 MB"),
        (20, "20 failu, 9 MB"),
        (22, "22 faili, 9 MB"),
        (111, "111 failu, 9 MB"),
        (121, "121 fails, 9 MB"),
    ],
)
def test_latvian_counts_as_latvians_do(count: int, said: str) -> None:
    """CLDR's three forms: zero (0, 10 to 20, 30 ...), one (1, 21, 31 ...) and other."""
    with translate.using("lv"):
        form = translate.ngettext("%(count)s file, %(size)s", "%(count)s files, %(size)s", count)
    assert form % {"count": count, "size": "9 MB"} == said


def test_latvian_says_within_so_many_minutes() -> None:
    words = "It works once, within %(num)s minute.", "It works once, within %(num)s minutes."
    with translate.using("lv"):
        said = [translate.ngettext(*words, count) % {"num": count} for count in (1, 15, 21)]
    assert [s.rsplit(", ", 1)[1] for s in said] == ["1 minūtes laikā.", "15 minūšu laikā.", "21 minūtes laikā."]


def test_pages_and_mails_speak_one_language(wiring: Wiring, client: TestClient) -> None:
    """A walk in Latvian: no English message of three words or more is left on any page or in any e-mail."""
    owner = new_studio(wiring, client)
    owner.page("POST", "/settings/account", {"name": "Ilze", "locale": "lv"})
    delivery = owner.delivery(locale="lv", terms=False)["id"]
    owner.upload(delivery, Original("slāņi.psd", b"8BPS", ()))
    path = share_path(owner.link(delivery, announce=True))
    mine = [f"/deliveries/{delivery}", "/deliveries", "/deliveries/new", "/outbox"]
    mine += [
        f"/settings/{part}" for part in ("profile", "getting-paid", "mark", "terms", "downloads", "account", "tokens")
    ]
    said = {place: owner.page("GET", place).text for place in mine}
    said |= {"held": client.get(path, headers={"Accept": "text/html", "Accept-Language": "lv"}).text}
    work(wiring)
    owner.pay(delivery)
    said |= {"released": client.get(path, headers={"Accept": "text/html", "Accept-Language": "lv"}).text}
    said |= {"history": owner.page("GET", f"/deliveries/{delivery}").text}
    with wiring.db.read() as tx:
        mails = tx.scalars(select(OutboxMessage).where(OutboxMessage.recipient == "anna@example.com")).all()
    said |= {mail.kind: f"{mail.subject}\n{mail.body}" for mail in mails}
    assert {"ready", "released"} <= said.keys()
    left = [(place, words) for place, text in said.items() for words in _english() if words in html.unescape(text)]
    assert not left


def test_a_reason_of_our_own_is_told_in_the_readers_language(wiring: Wiring, client: TestClient) -> None:
    owner = new_studio(wiring, client)
    owner.page("POST", "/settings/account", {"name": "Ilze", "locale": "lv"})
    delivery = owner.delivery()["id"]
    payment = owner.pay(delivery).json()["payment"]["id"]
    owner.api("POST", f"/payments/{payment}/reverse", json={"reason": "atteikts bankā"})
    history = owner.page("GET", f"/deliveries/{delivery}").text
    assert "Oriģināli atkal glabājas līdz apmaksai: maksājums atcelts" in history
    assert "atteikts bankā" in history


def _english() -> list[str]:
    """The longest plain run of each English message, where it has three words or more and Latvian says it differently."""
    runs = [max(re.split(r"%\(\w+\)[sd]", said), key=len).strip() for said in _all_said()]
    return [run for run in runs if len(run.split()) >= 3]


def _all_said() -> list[str]:
    kept = _kept(_writer(), "lv")
    return [said for message in kept if message.id for said in _said(message) if said not in _forms(message)]
