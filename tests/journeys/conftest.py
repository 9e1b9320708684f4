"""Chromium, servers and people for the journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.person import PATIENCE, Person
from tests.journeys.sample_studio import Sample, look_around
from tests.journeys.server import Server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    program = os.environ.get("TILLPAID_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server over an empty data directory: nobody has signed in yet."""
    running = Server(tmp_path / "data").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """A server with the sample studio: a delivery in each state."""
    running = Server(tmp_path_factory.mktemp("sample") / "data")
    running.command("demo")
    yield look_around(running.start())
    running.stop()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, sample: Sample) -> Any:
    """The cookies of a browser that is signed in to the sample studio."""
    ilze = Person(browser, sample.url)
    ilze.go(sample.sign_in_link())
    ilze.press_button("main form .button")
    kept = ilze.context.storage_state()
    ilze.leave()
    return kept


@pytest.fixture
def people(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people; when they leave, their browsers must have had nothing to complain about."""
    made: list[Person] = []

    def someone(url: str, **traits: Any) -> Person:
        made.append(Person(browser, url, **traits))
        return made[-1]

    yield someone
    for person in made:
        person.leave()
    for person in made:
        person.faultless("at the end")
