"""Long documents: the first page at once, the next ones behind it, the rest when somebody comes near; and their PDF."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from service.deliveries.models import Asset
from service.jobs.queue import Job
from service.previews.ask_for_pages import PAGES, WINDOW
from service.previews.models import Proof
from service.previews.placeholder import placeholder
from service.wiring import Wiring
from service.worker import Worker
from tests.actors import StudioActor, queued, share_path, work
from tests.originals import Original, canary_pdf, plain_pdf
from tests.samples.raw import dng
from watermark import Page, RenderStopped

LONG = Original("gara.pdf", plain_pdf([f"lapa {number}" for number in range(1, 201)]), ())


class Counting:
    """The real sandbox; counts the pages that were rendered."""

    def __init__(self, wiring: Wiring) -> None:
        self.real, self.pages = wiring.sandbox, []  # type: ignore[var-annotated]
        wiring.__dict__["sandbox"] = self

    def ingest(self, *args: Any, **kwargs: Any) -> Any:
        parts = self.real.ingest(*args, **kwargs)
        seen = self

        class Watched:
            def __enter__(self) -> Any:
                return self._parts()

            def _parts(self) -> Any:
                for part in parts:
                    if isinstance(part, Page):
                        seen.pages.append(part.number)
                    yield part

            def __exit__(self, *_: object) -> None:
                parts.close()

        return Watched()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def run_one(wiring: Wiring, kind: str) -> None:
    """Runs the next due job, which must be of this kind."""
    from service import discovery

    job = wiring.queue.claim("one", discovery.job_handlers())
    assert isinstance(job, Job) and job.kind == kind
    Worker(wiring, discovery.job_handlers())._run(job)


def pages_made(wiring: Wiring) -> list[int]:
    with wiring.db.read() as tx:
        return sorted(proof.page for proof in tx.query(Proof))


def asked_for(wiring: Wiring) -> int:
    """Windows that wait to be made."""
    return queued(wiring, PAGES)


def test_a_200_page_pdf_shows_its_first_page_after_one_page_of_work(
    studio: StudioActor, wiring: Wiring, client: TestClient
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, LONG)[0]["id"]
    counting = Counting(wiring)
    run_one(wiring, "previews.ingest")
    assert counting.pages == [1], "no page but the first is rendered before it is shown"
    path = share_path(studio.link(delivery))
    shown = client.get(f"{path}/previews/{asset}/1/480")
    assert shown.headers["content-type"] == "image/jpeg"
    work(wiring)
    assert pages_made(wiring) == list(range(1, 2 + WINDOW)), "the next ones follow by themselves, and no more"

    assert client.get(f"{path}/previews/{asset}/40/480").content == placeholder()
    assert "being made" in client.get(f"{path}/view/{asset}/40").text
    work(wiring)
    assert client.get(f"{path}/previews/{asset}/40/480").headers["content-type"] == "image/jpeg"
    assert "being made" not in client.get(f"{path}/view/{asset}/40").text
    assert len(pages_made(wiring)) == 1 + 2 * WINDOW
    assert len(counting.pages) == len(set(counting.pages)), "no page is rendered twice"

    most = wiring.settings.work.max_pages
    assert client.get(f"{path}/previews/{asset}/{most}/480").content == placeholder()
    assert client.get(f"{path}/previews/{asset}/{most + 1}/480").status_code == 404
    assert client.get(f"{path}/view/{asset}/{most + 1}").status_code == 404


def test_a_document_whose_later_pages_cannot_be_made_ends_before_them(
    studio: StudioActor, wiring: Wiring, client: TestClient
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, LONG)[0]["id"]
    run_one(wiring, "previews.ingest")

    class Broken:
        def ingest(self, *_args: object, **_kwargs: object) -> Any:
            raise RenderStopped(code="crashed")

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    real = wiring.sandbox
    wiring.__dict__["sandbox"] = Broken()
    for _ in range(3):
        work(wiring)
        wiring.clock.move(hours=1)  # type: ignore[attr-defined]
    path = share_path(studio.link(delivery))
    with wiring.db.read() as tx:
        assert tx.get_one(Asset, asset).pages_shown == 1
    assert client.get(f"{path}/previews/{asset}/2/480").status_code == 404


def test_promise_8_the_preview_pdf_is_pictures_and_nothing_else(
    studio: StudioActor, wiring: Wiring, client: TestClient
) -> None:
    delivery = studio.delivery()["id"]
    original = canary_pdf(pages=4)
    asset = studio.upload(delivery, original)[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    answer = client.get(f"{path}/previews/{asset}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert not any(secret in answer.content for secret in original.secrets)
    reader = PdfReader(io.BytesIO(answer.content), strict=True)
    assert len(reader.pages) == 4
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}, "no outlines, attachments, forms, layers, scripts"
    assert not reader.attachments and reader.metadata is None
    for number, page in enumerate(reader.pages, 1):
        assert set(page) <= {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
        assert page.extract_text() == ""
        assert set(page["/Resources"]) == {"/XObject"} and set(page["/Resources"]["/XObject"]) == {"/P"}
        picture = page["/Resources"]["/XObject"]["/P"]
        assert "/SMask" not in picture
        seen = client.get(f"{path}/previews/{asset}/{number}/2048").content
        assert picture._data == seen, "exactly what this link is shown, byte for byte"
        assert page.get_contents().get_data().split()[-3:] == [b"/P", b"Do", b"Q"]


def test_two_links_get_different_pdfs(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_pdf())[0]["id"]
    paths = [share_path(studio.link(delivery, name)) for name in ("Anna", "Jānis")]
    work(wiring)
    first, second = (client.get(f"{path}/previews/{asset}/pdf").content for path in paths)
    assert first.startswith(b"%PDF-") and second.startswith(b"%PDF-") and first != second


def test_a_pdf_that_is_not_whole_yet_is_begun_and_not_given(
    studio: StudioActor, wiring: Wiring, client: TestClient
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, Original("a.pdf", plain_pdf(["x"] * (WINDOW + 3)), ()))[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    early = client.get(f"{path}/previews/{asset}/pdf", headers={"Accept": "application/json"})
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    work(wiring)
    assert len(PdfReader(io.BytesIO(client.get(f"{path}/previews/{asset}/pdf").content)).pages) == WINDOW + 3


def test_heavy_files_are_put_with_the_heavy_ones(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    studio.upload(delivery, Original("a.dng", dng(), ()))
    run_one(wiring, "previews.ingest")
    assert studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"][0]["state"] == "rendering"
    run_one(wiring, "previews.ingest_heavy")
    shown = studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"][0]
    assert (shown["state"], shown["media_type"]) == ("ready", "image/x-adobe-dng")


def test_heavy_jobs_run_one_at_a_time_and_hold_up_no_other(wiring: Wiring) -> None:
    import threading

    begun, let_go, at_once, most, light = threading.Semaphore(0), threading.Event(), [0], [0], threading.Semaphore(0)
    guard = threading.Lock()

    def heavy(task: Any) -> None:
        with guard:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        begun.release()
        let_go.wait(60)
        with guard:
            at_once[0] -= 1
        with task.finish():
            pass

    def quick(task: Any) -> None:
        with task.finish():
            pass
        light.release()

    heavy.__dict__["job_heavy"] = True
    wiring.settings = replace(wiring.settings, work=replace(wiring.settings.work, workers=2))
    worker = Worker(wiring, {"t.heavy": heavy, "t.quick": quick})
    with wiring.db.write() as tx:
        for _ in range(3):
            wiring.queue.enqueue(tx, "t.heavy", {}, priority=9)
        for _ in range(20):
            wiring.queue.enqueue(tx, "t.quick", {})
    worker.start()
    try:
        assert begun.acquire(timeout=60)
        for _ in range(20):
            assert light.acquire(timeout=60), "a quick job waits behind a heavy one"
        assert wiring.queue.counts()["running"] == 1
        let_go.set()
        for _ in range(2):
            assert begun.acquire(timeout=60)
    finally:
        let_go.set()
        worker.stop(30)
    assert most[0] == 1


def test_a_window_is_asked_for_once(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, LONG)[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    for page in range(20, 26):
        client.get(f"{path}/previews/{asset}/{page}/480")
    assert asked_for(wiring) == len({page - (page - 2) % WINDOW for page in range(20, 26)})


@pytest.mark.parametrize("page", [1, 2])
def test_another_studios_pages_are_not_asked_for(
    studio: StudioActor, other: StudioActor, wiring: Wiring, client: TestClient, page: int
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, LONG)[0]["id"]
    work(wiring)
    path = share_path(other.link(other.delivery()["id"]))
    for address in (f"{path}/previews/{asset}/{50 + page}/480", f"{path}/previews/{asset}/pdf"):
        assert client.get(address).status_code == 404
    assert asked_for(wiring) == 0
