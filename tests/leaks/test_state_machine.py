"""Promises 13 to 15 as a state machine: deliver, pay, reverse, release, relock, revoke, redeem, in any order.

Hypothesis drives the domain's own functions, each in a transaction of its own on real SQLite, beside a model of a
few lines. Whatever the order, an original is served only while its delivery is released, through a live link, on a
grant of the release in force; and at most one release is in force.

How long it runs: ``TILLPAID_MACHINE_STEPS`` (10,000 by default; ``make statemachine-long`` asks for 1,000,000).
"""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from service.accounts.models import Member, Studio
from service.accounts.who import Who
from service.deliveries import repository as deliveries
from service.deliveries.add_asset import StoredBytes, add_asset
from service.deliveries.create import NewDelivery, create_delivery
from service.deliveries.withdraw import withdraw
from service.errors import Conflict, Forbidden, Gone, NotFound
from service.kit.ids import new_id
from service.kit.money import Money
from service.migrate import migrate
from service.payments.agree_instalments import NewPart, agree_instalments
from service.payments.receive import Evidence, receive
from service.payments.reverse import reverse
from service.releases import repository as releases
from service.releases.issue_grant import issue_grant
from service.releases.redeem import redeem
from service.releases.release import release
from service.releases.relock import relock
from service.settings import load
from service.shares import repository as shares
from service.shares.issue_link import issue_link
from service.shares.revoke_link import revoke_link
from service.wiring import Wiring
from tests.conftest import MovableClock

STEPS_PER_RUN = 60
STEPS_ON_AVERAGE = 40
STEPS = int(os.environ.get("TILLPAID_MACHINE_STEPS", "10000"))
OWED = 45000
DEPOSIT = 15000
"""What every second delivery's first instalment asks; it opens the first asset."""
TAKEN = {"steps": 0, "served": 0, "refused": 0}


@dataclass
class Model:
    """What must be true of one delivery. ``release`` counts releases; 0 is none in force. ``instalment`` is the part that opens
    the first asset, if it is paid in parts, and ``part`` counts the releases of that."""

    id: str
    assets: list[str]
    state: str = "draft"
    reason: str = ""
    release: int = 0
    releases_so_far: int = 0
    instalment: str = ""
    part: int = 0
    payments: dict[str, int] = field(default_factory=dict)
    dead_links: set[str] = field(default_factory=set)

    @property
    def paid(self) -> int:
        return sum(self.payments.values())

    def released(self, reason: str) -> None:
        self.releases_so_far += 1
        self.state, self.reason, self.release = "released", reason, self.releases_so_far

    def part_released(self) -> None:
        self.releases_so_far += 1
        self.part = self.releases_so_far

    def generation(self, which: int | str | None) -> int:
        """The release that lets have the asset ``which``, everything (None) or all of the part; 0: none does."""
        if which != "part" and self.state == "released":
            return self.release
        return self.part if which in (0, "part") else 0

    def held(self) -> None:
        self.state, self.reason, self.release = "held", "", 0


class Place:
    """A database in memory-backed files. Runs share one, each with a studio of its own, so that statements are
    compiled once; after many runs a fresh one keeps the tables short."""

    RUNS = 500
    current: ClassVar[Place | None] = None

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.clock = MovableClock()
        self.wiring = Wiring(load({}, data_dir=Path(self.folder.name)), clock=self.clock)
        self.runs = 0
        migrate(self.wiring.db)

    def close(self) -> None:
        self.wiring.close()
        self.folder.cleanup()
        Place.current = None


def place() -> Place:
    """The place for the next run."""
    if Place.current is not None and Place.current.runs >= Place.RUNS:
        Place.current.close()
    if Place.current is None:
        Place.current = Place()
    Place.current.runs += 1
    return Place.current


class Holding(RuleBasedStateMachine):
    """The service beside its model."""

    made = Bundle("deliveries")
    links = Bundle("links")
    tokens = Bundle("tokens")
    paid_in = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.place = place()
        self.clock, self.wiring = self.place.clock, self.place.wiring
        self.who = self._studio()
        self.models: dict[str, Model] = {}
        self.begun: Model | None = None

    def _studio(self) -> Who:
        now = self.clock()
        email = f"{secrets.token_hex(8)}@example.com"
        studio = Studio(id=new_id("std"), name="S", email=email, created_at=now, download_count=3)
        studio.download_days = 30
        member = Member(id=new_id("mem"), studio_id=studio.id, email=email, created_at=now)
        with self.wiring.db.write() as tx:
            tx.add(studio)
            tx.flush()
            tx.add(member)
        return Who(member, studio)

    def attempt(self, action: Any) -> Any:
        """Runs ``action(tx)`` in a transaction; a refusal comes back as the error."""
        TAKEN["steps"] += 1
        try:
            with self.wiring.db.write() as tx:
                return action(tx)
        except (Conflict, NotFound, Gone, Forbidden) as refusal:
            return refusal

    @initialize(target=links)
    def begin(self) -> Any:
        """Every run has a delivery that was sent: the states beyond are what is of interest."""
        self.begun = self._deliver()
        return self._send(self.begun)

    @rule(target=made)
    def deliver(self) -> Any:
        """The delivery that was begun with, then others."""
        begun, self.begun = self.begun, None
        return begun or (multiple() if len(self.models) >= 4 else self._deliver())

    def _deliver(self) -> Model:
        def action(tx: Any) -> Model:
            new = NewDelivery(
                title="T", client_name="C", client_email="", amount=Money(OWED, "EUR"), due_on=None, locale="en"
            )
            delivery = create_delivery(tx, self.wiring, self.who, new)
            digest = secrets.token_hex(32)
            stored = StoredBytes(sha256=digest, size=10, crc32=1, key=f"originals/x/{digest}")
            assets = [
                add_asset(
                    tx, self.wiring, studio_id=self.who.studio.id, delivery_id=delivery.id, stored=stored,
                    filename=f"{n}.jpg", actor=self.who.actor,
                ).id
                for n in range(2)
            ]  # fmt: skip
            model = Model(delivery.id, assets)
            if len(self.models) % 2:
                parts = [NewPart(Money(DEPOSIT, "EUR"), None, "chosen", frozenset(assets[:1]))]
                parts.append(NewPart(Money(OWED - DEPOSIT, "EUR")))
                agree_instalments(
                    tx, self.wiring, studio_id=self.who.studio.id, delivery_id=delivery.id, parts=parts,
                    actor=self.who.actor,
                )  # fmt: skip
                model.instalment = deliveries.instalments_of(tx, delivery.id)[0].id
            return model

        model: Model = self.attempt(action)
        self.models[model.id] = model
        return model

    @rule(target=links, model=made)
    def send(self, model: Model) -> Any:
        return self._send(model)

    def _send(self, model: Model) -> Any:
        def action(tx: Any) -> str:
            delivery = deliveries.delivery_of(tx, self.who.studio.id, model.id, lock=True)
            link = issue_link(
                tx, self.wiring, delivery=delivery, name="L", email="", expires_at=None, passphrase="",
                actor=self.who.actor, announce=False,
            )  # fmt: skip
            return link.id

        result = self.attempt(action)
        if model.state == "withdrawn":
            assert isinstance(result, Conflict)
            return multiple()
        assert isinstance(result, str), result
        if model.state == "draft":
            model.state = "held"
        return (model, result)

    @rule(target=paid_in, model=made, minor=st.sampled_from([OWED, OWED, OWED - 1, 1, OWED + 500, DEPOSIT, DEPOSIT]),
          currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]), then=st.sampled_from(["release", "record"]))  # fmt: skip
    def pay(self, model: Model, minor: int, currency: str, then: Any) -> Any:
        evidence = Evidence(Money(minor, currency), self.clock().date(), f"ref {secrets.token_hex(8)}")
        result = self.attempt(lambda tx: self._receive(tx, model, evidence, then))
        if model.state == "withdrawn":
            assert isinstance(result, Conflict)
            return multiple()
        counted = minor if currency == "EUR" else 0
        model.payments[result.payment.id] = counted
        expected = then == "release" and currency == "EUR" and model.paid >= OWED and model.state in {"draft", "held"}
        assert result.released == expected
        wanted = then == "release" and currency == "EUR" and model.state in {"draft", "held"}
        part = wanted and not expected and bool(model.instalment) and model.paid >= DEPOSIT and not model.part
        assert result.opened == ([0] if expected else [1] if part else [])
        if expected:
            model.released("paid")
        if part:
            model.part_released()
        return (model, result.payment.id, evidence)

    def _receive(self, tx: Any, model: Model, evidence: Evidence, then: Any) -> Any:
        return receive(
            tx, self.wiring, studio_id=self.who.studio.id, delivery_id=model.id, evidence=evidence,
            actor=self.who.actor, then=then,
        )  # fmt: skip

    @rule(payment=paid_in)
    def pay_again_with_the_same_reference(self, payment: Any) -> None:
        model, _payment_id, evidence = payment
        assert isinstance(self.attempt(lambda tx: self._receive(tx, model, evidence, "release")), Conflict)

    @rule(payment=paid_in)
    def bounce(self, payment: Any) -> None:
        model, payment_id, _evidence = payment
        result = self.attempt(
            lambda tx: reverse(
                tx, self.wiring, studio_id=self.who.studio.id, payment_id=payment_id, reason="r", actor=self.who.actor
            )
        )
        if f"-{payment_id}" in model.payments:
            assert isinstance(result, Conflict)
            return
        assert not isinstance(result, Exception), result
        model.payments[f"-{payment_id}"] = -model.payments[payment_id]
        if model.state == "released" and model.reason == "paid" and model.paid < OWED:
            model.held()
        if model.paid < DEPOSIT:
            model.part = 0

    @rule(model=made)
    def waive(self, model: Model) -> None:
        def action(tx: Any) -> Any:
            delivery = deliveries.delivery_of(tx, self.who.studio.id, model.id, lock=True)
            return release(tx, self.wiring, delivery, reason="waived", note="n", actor=self.who.actor)

        result = self.attempt(action)
        assert isinstance(result, Conflict) == (model.state in {"released", "withdrawn"})
        if not isinstance(result, Conflict):
            model.released("waived")

    @rule(model=made)
    def take_back(self, model: Model) -> None:
        def action(tx: Any) -> Any:
            delivery = deliveries.delivery_of(tx, self.who.studio.id, model.id, lock=True)
            return relock(tx, self.wiring, delivery, reason="r", actor=self.who.actor)

        result = self.attempt(action)
        assert isinstance(result, Conflict) == (model.state != "released" and not model.part)
        model.part = 0
        if model.state == "released":
            model.held()

    @rule(model=made)
    def withdraw(self, model: Model) -> None:
        def action(tx: Any) -> Any:
            return withdraw(tx, self.wiring, studio_id=self.who.studio.id, delivery_id=model.id, actor=self.who.actor)

        result = self.attempt(action)
        assert isinstance(result, Conflict) == (model.state in {"released", "withdrawn"} or bool(model.part))
        if not isinstance(result, Conflict):
            model.state = "withdrawn"

    @rule(link=links)
    def revoke(self, link: Any) -> None:
        model, link_id = link
        self.attempt(
            lambda tx: revoke_link(tx, self.wiring, studio_id=self.who.studio.id, link_id=link_id, actor=self.who.actor)
        )
        model.dead_links.add(link_id)

    @rule(target=tokens, link=links, which=st.sampled_from([0, 1, None, "part"]))
    def click(self, link: Any, which: Any) -> Any:
        """A click on Download, as the share page's gate lets it through: the link itself may be dead by then."""
        model, link_id = link
        asset = model.assets[which] if isinstance(which, int) else ""
        part = (model.instalment or "ins_none") if which == "part" else ""

        def action(tx: Any) -> str:
            delivery = deliveries.delivery_of(tx, self.who.studio.id, model.id)
            row = shares.link_of(tx, self.who.studio.id, link_id)
            return issue_grant(
                tx, self.wiring, delivery=delivery, studio=self.who.studio, link=row, asset_id=asset, instalment_id=part
            )

        result = self.attempt(action)
        generation = model.generation(which)
        if not generation:
            assert isinstance(result, NotFound)
        if not isinstance(result, str):
            return multiple()
        wanted = model.assets if which is None else model.assets[:1] if which == "part" else [asset]
        self._fetch(model, link_id, generation, wanted, result)
        return (model, link_id, generation, wanted, result)

    @rule(token=tokens)
    def fetch(self, token: Any) -> None:
        self._fetch(*token)

    def _fetch(self, model: Model, link_id: str, generation: int, wanted: list[str], text: str) -> None:
        result = self.attempt(lambda tx: redeem(tx, self.wiring, text, counts=True, continues=False))
        permitted = generation in {model.release, model.part} and link_id not in model.dead_links
        TAKEN["refused" if isinstance(result, Exception) else "served"] += 1
        if not permitted:
            assert isinstance(result, NotFound), (model, result)
        else:
            assert not isinstance(result, NotFound | Forbidden), (model, result)
        if not isinstance(result, Exception):
            assert [asset.id for asset, _blob in result.originals] == wanted

    @rule(token=tokens, salt=st.sampled_from(["csrf", "share-link", "flash"]))
    def forge(self, token: Any, salt: str) -> None:
        value = self.wiring.signer.read("download", token[4])
        forged = self.wiring.signer.sign(salt, value)
        assert isinstance(
            self.attempt(lambda tx: redeem(tx, self.wiring, forged, counts=True, continues=False)), Forbidden
        )

    @rule(hours=st.sampled_from([1, 7]))
    def time_passes(self, hours: int) -> None:
        self.clock.now += timedelta(hours=hours)

    @invariant()
    def rows_agree_with_the_model(self) -> None:
        with self.wiring.db.read() as tx:
            for model in self.models.values():
                delivery = deliveries.delivery_of(tx, self.who.studio.id, model.id)
                assert delivery.state == model.state
                in_force = sorted(r.instalment_id for r in releases.releases_of(tx, model.id) if r.ended_at is None)
                whole, part = [""] * (model.state == "released"), [model.instalment] * bool(model.part)
                assert in_force == sorted([*whole, *part])
                assert deliveries.opened_by_instalments(tx, model.id) == set(part)


@pytest.mark.timeout(1800)  # ten thousand steps on a busy machine
def test_promises_13_to_15_no_order_of_events_serves_an_unreleased_original() -> None:
    TAKEN.update(steps=0, served=0, refused=0)
    run_state_machine_as_test(
        Holding,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_ON_AVERAGE),
            stateful_step_count=STEPS_PER_RUN,
            deadline=None,
            derandomize=STEPS <= 10000,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            database=None,
        ),
    )
    if Place.current is not None:
        Place.current.close()
    print(f"state machine: {TAKEN['steps']} transactions, {TAKEN['served']} served, {TAKEN['refused']} refused")
    assert TAKEN["steps"] >= STEPS * 0.5
    assert TAKEN["served"] > 0
    assert TAKEN["refused"] > 0
