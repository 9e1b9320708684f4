"""tus-js-client in a real Chromium over a bad line, while the server is killed: nothing lost, nothing twice.

``TILLPAID_UPLOAD_FILES`` and ``TILLPAID_UPLOAD_KILLS`` say how hard it is tried: 200 and 10 in ``make faults``, for files on
disk and for S3; by default 15 files and one kill, on disk only.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from service.accounts import repository as accounts
from service.accounts.create_studio import create_studio
from service.accounts.sessions import start_session
from service.deliveries.create import NewDelivery, create_delivery
from service.kit.money import Money
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from storage.blobstore import measure
from storage.resuming import Progress
from tests.faults.bad_line import BadLine
from tests.faults.server import Server
from tests.journeys.conftest import FLAGS

FILES = int(os.environ.get("TILLPAID_UPLOAD_FILES", "15"))
KILLS = int(os.environ.get("TILLPAID_UPLOAD_KILLS", "1"))
STORES = ("file", "s3") if FILES >= 100 else ("file",)
PATIENCE = 180.0 + 30 * KILLS + 10 * FILES
SIZES = (1, 70_000, 400_000, 1_500_000)


@dataclass
class Place:
    wiring: Wiring
    environ: dict[str, str]
    studio: str
    delivery: str
    session: str

    @property
    def database(self) -> Path:
        return self.wiring.settings.data_dir / "tillpaid.db"


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    environ = {}
    if request.param == "s3":
        environ["TILLPAID_STORAGE_URL"] = request.getfixturevalue("s3_server").url()
    wiring = Wiring(load(environ, data_dir=tmp_path / "data"))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        who = create_studio(tx, wiring, email="uploads@example.com")
        new = NewDelivery(title="B", client_name="C", client_email="", amount=Money(100, "EUR"), locale="en")
        delivery = create_delivery(tx, wiring, who, new)
        session = start_session(tx, wiring, accounts.member(tx, who.member.id))
        made = Place(wiring, environ, who.studio.id, delivery.id, session)
    yield made
    wiring.close()


@pytest.mark.browser
@pytest.mark.timeout(2 * PATIENCE)
def test_a_browser_on_a_bad_line_and_a_server_that_dies(place: Place, tmp_path: Path) -> None:
    """In a thread of its own: a browser of the journeys may live in this one, and Playwright allows one to a thread."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(_over_a_bad_line, place, tmp_path).result()


def _over_a_bad_line(place: Place, tmp_path: Path) -> None:
    files = _files(tmp_path / "folder", FILES)
    server = Server(place.wiring.settings.data_dir, worker=False, environ=place.environ)
    with server, BadLine(server.port, seed=7) as line, sync_playwright() as playwright:
        program = os.environ.get("TILLPAID_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        context = browser.new_context()
        context.add_cookies([{"name": "tillpaid_session", "value": place.session, "url": line.url}])
        page = context.new_page()
        page.goto(f"{line.url}/deliveries/{place.delivery}", timeout=60_000)
        line.bad = True
        page.locator("[data-folder]").set_input_files(tmp_path / "folder")
        died, replayed = [], 0
        until = time.monotonic() + PATIENCE
        while not _all_done(page, len(files)):
            assert time.monotonic() < until, (_states(page), line.met, server.tail())
            _retry(page)
            page.wait_for_timeout(200)
            if len(died) < KILLS and _sent(page) > (len(died) + 1) / (KILLS + 2):
                server.kill()
                died.append(_sent(page))
                _offsets_are_durable(place)
                server.start()
                server.wait()
        replayed = line.carried - sum(path.stat().st_size for path in files)
        browser.close()
    assert len(died) == KILLS
    _nothing_lost_nothing_twice(place, files)
    print(
        f"\n{len(files)} files, {KILLS} kills at {[round(d, 2) for d in died]} of the bytes; line: {dict(line.met)}; "
        f"lost 0, twice 0; {replayed} bytes carried beyond the files themselves"
    )


def _files(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    chance = random.Random(11)
    for number in range(count):
        size = SIZES[number % len(SIZES)] + number
        (folder / f"IMG_{number:04}.bin").write_bytes(chance.randbytes(size))
    return sorted(folder.iterdir())


def _states(page: Page) -> list[str]:
    return page.locator("[data-list] .upload-state").all_inner_texts()


def _all_done(page: Page, count: int) -> bool:
    states = _states(page)
    return len(states) == count and all(words in {"Done", "Here already"} for words in states)


def _sent(page: Page) -> float:
    """How much of all bytes the page says it has sent."""
    return float(page.locator("[data-total]").evaluate("(bar) => bar.value / bar.max"))


def _retry(page: Page) -> None:
    """As a person does who sees that some have failed."""
    button = page.locator("[data-again]")
    if button.is_visible():
        button.click()


def _offsets_are_durable(place: Place) -> None:
    """While nobody lives: the store holds every byte that a row speaks of."""
    store: Any = place.wiring.store
    with closing(sqlite3.connect(place.database)) as database:
        query = 'SELECT id, size, "offset", state FROM uploads WHERE asset_id IS NULL AND "offset" > 0'
        rows = [Progress(*row) for row in database.execute(query)]
    for progress in rows:
        if progress.complete:
            store.open_partial(progress).close()
        else:
            store.resume(progress).close()  # Torn when it holds less


def _nothing_lost_nothing_twice(place: Place, files: list[Path]) -> None:
    sent = [(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    with closing(sqlite3.connect(place.database)) as database:
        query = "SELECT filename, size, sha256 FROM assets WHERE removed_at IS NULL ORDER BY position"
        assert database.execute(query).fetchall() == sent, "every file once, in its order"
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (quota,) = database.execute("SELECT sum(size) FROM blobs WHERE studio_id = ?", [place.studio]).fetchone()
        (promised,) = database.execute("SELECT coalesce(sum(size), 0) FROM uploads WHERE asset_id IS NULL").fetchone()
        done = {row[0] for row in database.execute("SELECT id FROM uploads WHERE asset_id IS NOT NULL")}
    assert quota == sum(size for _name, size, _digest in sent), "a replayed piece was counted"
    assert promised == 0, "an upload was begun twice"
    kept = list(place.wiring.store.list("originals/"))
    assert sum(one.size for one in kept) == quota
    assert {measure(place.wiring.store, one.key).sha256 for one in kept} == {digest for *_rest, digest in sent}
    store: Any = place.wiring.store
    left = {one.key for one in store.partials()}  # of uploads that were assets when the server died: the sweep's
    assert left <= done, "bytes that nobody will ever clear away"
