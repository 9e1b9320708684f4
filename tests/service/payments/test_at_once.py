"""Promise 14, by threads, each with a transaction of its own: money that comes at once releases once, and the log stays whole."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts import repository as accounts
from service.audit.verify_chain import verify_chain
from service.deliveries import repository as deliveries
from service.errors import TillpaidError
from service.kit.money import Money
from service.payments.invoice import balance_of
from service.payments.receive import Evidence, receive
from service.payments.reverse import reverse
from service.releases.issue_grant import issue_grant
from service.releases.models import Release
from service.releases.redeem import redeem
from service.releases.relock import relock
from service.shares.models import ShareLink
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.originals import canary_zip

THREADS = 8


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def at_once(work: Callable[[int], None], threads: int = THREADS) -> list[str]:
    """Runs ``work(number)`` in threads that begin together; the codes of the refusals. Any other error is raised."""
    together = threading.Barrier(threads)
    refused: list[str] = []
    broken: list[BaseException] = []

    def run(number: int) -> None:
        together.wait()
        try:
            work(number)
        except TillpaidError as error:
            refused.append(error.code)
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            broken.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    if broken:
        raise broken[0]
    return refused


def pay(wiring: Wiring, studio: StudioActor, delivery: str, minor: int, ref: str) -> str:
    evidence = Evidence(Money(minor, "EUR"), wiring.clock().date(), ref)
    with wiring.db.write() as tx:
        made = receive(
            tx, wiring, studio_id=studio.studio_id, delivery_id=delivery, evidence=evidence, actor="t", then="release"
        )
    return made.payment.id


def sound(wiring: Wiring, studio: StudioActor, delivery: str) -> tuple[int, int, str]:
    """Releases ever, releases in force, the delivery's state; the log is whole."""
    with wiring.db.read() as tx:
        assert [verdict.fault for verdict in verify_chain(tx, wiring.signer)] == [""]
        made = list(tx.scalars(select(Release).where(Release.delivery_id == delivery)))
        state = deliveries.delivery_of(tx, studio.studio_id, delivery).state
    return len(made), sum(row.ended_at is None for row in made), state


def test_promise_14_parts_that_come_at_once_release_once(wiring: Wiring, studio: StudioActor) -> None:
    """Also the very first events of a studio's log."""
    delivery = str(studio.delivery()["id"])
    refused = at_once(lambda number: pay(wiring, studio, delivery, 22500, f"bank {number}") and None)
    assert refused == []
    assert sound(wiring, studio, delivery) == (1, 1, "released")
    with wiring.db.read() as tx:
        assert balance_of(tx, delivery).paid.minor == THREADS * 22500


def test_promise_14_the_same_evidence_at_once_counts_once(wiring: Wiring, studio: StudioActor) -> None:
    places = [str(studio.delivery()["id"]) for _ in range(THREADS)]
    refused = at_once(lambda number: pay(wiring, studio, places[number % 2], 45000, "the one line") and None)
    assert Counter(refused) == {"payment_known": THREADS - 1}
    made = [sound(wiring, studio, delivery)[0] for delivery in places]
    assert sum(made) == 1


def test_promise_14_a_payment_is_reversed_once(wiring: Wiring, studio: StudioActor) -> None:
    delivery = str(studio.delivery()["id"])
    studio.link(delivery)
    payment = pay(wiring, studio, delivery, 45000, "bank")

    def take_back(_number: int) -> None:
        with wiring.db.write() as tx:
            reverse(tx, wiring, studio_id=studio.studio_id, payment_id=payment, reason="bounced", actor="t")

    assert Counter(at_once(take_back)) == {"reversed": THREADS - 1}
    assert sound(wiring, studio, delivery) == (1, 0, "held")
    with wiring.db.read() as tx:
        assert balance_of(tx, delivery).paid.minor == 0


def test_promise_13_and_14_everything_at_once(wiring: Wiring, studio: StudioActor) -> None:
    """Payments, reversals, releases taken back and downloads over one delivery: nobody stands in another's way for ever,
    and at the end it is released exactly if a release is in force, never twice."""
    delivery = str(studio.delivery()["id"])
    studio.upload(delivery, canary_zip())
    link_id = str(studio.link(delivery)["id"])

    def act(number: int) -> None:
        dice = random.Random(number)
        for turn in range(6):
            try:
                payment = pay(wiring, studio, delivery, 45000, f"bank {number} {turn}")
                download(dice.random() < 0.5)
                with wiring.db.write() as tx:
                    if dice.random() < 0.5:
                        reverse(tx, wiring, studio_id=studio.studio_id, payment_id=payment, reason="no", actor="t")
                    else:
                        row = deliveries.delivery_of(tx, studio.studio_id, delivery, lock=True)
                        relock(tx, wiring, row, reason="no", actor="t")
            except TillpaidError:
                continue

    def download(counts: bool) -> None:
        with wiring.db.write() as tx:
            link = tx.get_one(ShareLink, link_id)
            row = deliveries.delivery_of(tx, studio.studio_id, delivery)
            owner = accounts.studio(tx, studio.studio_id)
            token = issue_grant(tx, wiring, delivery=row, studio=owner, link=link)
        with wiring.db.write() as tx:
            redeem(tx, wiring, token, counts=counts, continues=not counts)

    at_once(act)
    _made, in_force, state = sound(wiring, studio, delivery)
    assert in_force == int(state == "released")
