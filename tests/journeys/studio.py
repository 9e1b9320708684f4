"""What the studio does at its browser."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.person import PATIENCE, Person
from tests.journeys.server import Server

EMAIL = "ilze@studio.example"
STUDIO = "Studija Kāpa"
IBAN = "LV80BANK0000435195001"


@dataclass(frozen=True)
class Job:
    """What the journeys hand over."""

    title: str = "Kāzas Cēsīs"
    client: str = "Anna Bērziņa"
    amount: str = "450.00"


def sign_in_page(person: Person) -> None:
    """The page on which somebody asks for a link."""
    person.go("/sign-in")
    person.see("sign-in")


def sign_in_first(person: Person, server: Server) -> None:
    """Uses the link that the server printed: looking at it changes nothing, its button makes the studio."""
    for _look in range(2):
        person.go(server.first_link)
    person.see("first-run")
    person.fill(email=EMAIL, studio_name=STUDIO)
    person.press_button("main form .button")
    person.see("profile")


def set_up(person: Person) -> None:
    """The studio's own page and its bank details."""
    expect(person.find("[name=name]")).to_have_value(STUDIO)
    person.press_button("main form .button")
    person.go("/settings/getting-paid")
    person.fill(account_holder="SIA Studija Kāpa", iban=IBAN, bic="BANKLV22")
    person.press_button("main form .button")
    expect(person.find("[name=iban]")).to_have_value("LV80 BANK 0000 4351 9500 1")
    person.see("getting-paid")


def create_delivery(person: Person, job: Job) -> None:
    """From the empty list to a new delivery's page."""
    person.go("/deliveries")
    person.see("deliveries-empty")
    with person.page.expect_navigation():
        person.find("main form[action='/deliveries/begin'] button").first.click()
    person.see("new-delivery")
    person.fill(title=job.title, client_name=job.client, client_email="anna@client.example", amount=job.amount)
    person.fill(due_on=(datetime.now(UTC).date() + timedelta(days=14)).isoformat(), note="Sveika, Anna!")
    person.find("[name=locale]").first.select_option(person.language)
    person.press_button("#agree button[value=save]")
    expect(person.find("h1")).to_have_text(job.title)
    person.see("delivery-draft")


def add_originals(person: Person, originals: list[Path]) -> None:
    """Hands files to the upload form, one of them as a source, and waits until their previews are made."""
    *finished, source = [str(path) for path in originals]
    for files, tier in ((finished, "final"), ([source], "source")):
        person.find("form[data-upload] [name=tier]").select_option(tier)
        person.find("#f-file").set_input_files(files)
        if person.scripts:
            shown = person.find("[data-finished] a")
            expect(shown).to_be_visible()
            expect(person.find("[data-list] .row")).to_have_count(len(files))
            person.see(f"upload-{tier}")
            person.press_button("[data-finished] a")
        else:
            person.press_button("form[data-upload] [data-upload-button] button")
    until = time.monotonic() + PATIENCE / 1000
    while person.find(".asset .badge-queued, .asset .badge-rendering").count():
        assert time.monotonic() < until, "the previews take too long"
        person.page.wait_for_timeout(300)
        person.page.reload()
    expect(person.find(".asset")).to_have_count(len(originals))
    expect(person.find(".asset img")).to_have_count(len(originals))
    expect(person.find(".asset-name")).to_have_text([path.name for path in originals])
    person.see("delivery-full")


def make_link(person: Person, name: str) -> str:
    """Makes a share link that is also sent by e-mail; returns its address as the page shows it."""
    form = person.page.locator("#links form.form")
    form.locator("[name=name]").fill(name)
    form.locator("[name=announce]").check()
    with person.page.expect_navigation():
        form.locator("button").click()
    person.see("delivery-held")
    return str(person.find("#links .copy-field input").first.input_value())


def record_payment(person: Person, job: Job) -> None:
    """Marks the payment received and releases, both at once."""
    expect(person.find("#pay-amount")).to_have_value(job.amount)
    person.find("#pay-source").fill("statement 2026-11 line 9")
    person.press_button("#money button[name=then][value=release]")
    person.see("delivery-released")
