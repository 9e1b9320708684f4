"""What the studio does at its browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.journeys.person import Person
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
        person.find("main a[href='/deliveries/new']").first.click()
    person.see("new-delivery")
    person.fill(title=job.title, client_name=job.client, client_email="anna@client.example", amount=job.amount)
    person.fill(due_on=(date.today() + timedelta(days=14)).isoformat(), note="Sveika, Anna!")
    person.find("[name=locale]").first.select_option(person.language)
    person.press_button("main form .button:not(.button-quiet)")
    expect(person.find("h1")).to_have_text(job.title)
    person.see("delivery-draft")
