"""The audit log: every kind of meddling is found, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from starlette.testclient import TestClient

from service.audit.cli import verify_log
from service.audit.record import SYSTEM, record
from service.audit.verify_chain import verify_chain
from service.kit.tokens import Signer
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.conftest import MovableClock

EVENTS = 6
Meddle = Callable[..., None]


@pytest.fixture
def studio(wiring: Wiring, client: TestClient, clock: MovableClock) -> StudioActor:
    """A studio with six events, a minute apart."""
    made = new_studio(wiring, client)
    for number in range(EVENTS):
        clock.move(minutes=1)
        note(wiring, made, number)
    return made


def note(wiring: Wiring, studio: StudioActor, number: int) -> None:
    with wiring.db.write() as tx:
        record(tx, wiring, studio.studio_id, "test.noted", actor=SYSTEM, data={"n": number, "who": "Anna Bērziņa"})


@pytest.fixture
def meddle(wiring: Wiring, studio: StudioActor) -> Meddle:
    """``meddle("update audit_events set ... where studio_id = :studio")``, past all our code."""

    def meddled(*statements: str, **values: object) -> None:
        with wiring.db.write() as tx:
            for statement in statements:
                assert tx.execute(text(statement), {"studio": studio.studio_id, **values}).rowcount, "nothing meddled"  # type: ignore[attr-defined]

    return meddled


def verified(wiring: Wiring) -> Result:
    return CliRunner().invoke(verify_log, obj=wiring)


MEDDLING = {
    "data edited": ["update audit_events set data = replace(data, '3', '4') where studio_id = :studio and seq = 4"],
    "time edited": ["update audit_events set at = '2020-01-01 00:00:00.000000' where studio_id = :studio and seq = 2"],
    "kind edited": ["update audit_events set kind = 'test.denied' where studio_id = :studio and seq = 3"],
    "actor edited": ["update audit_events set actor = 'member:mem_x' where studio_id = :studio and seq = 3"],
    "delivery edited": ["update audit_events set delivery_id = 'dlv_x' where studio_id = :studio and seq = 3"],
    "hash edited": [
        "update audit_events set hash = 'f' || substr(hash, 2) || 'x' where studio_id = :studio and seq = 6"
    ],
    "first deleted": ["delete from audit_events where studio_id = :studio and seq = 1"],
    "middle deleted": ["delete from audit_events where studio_id = :studio and seq = 3"],
    "middle deleted, the rest renumbered": [
        "delete from audit_events where studio_id = :studio and seq = 3",
        "update audit_events set seq = seq - 1 where studio_id = :studio and seq > 3",
        "update audit_heads set seq = seq - 1 where studio_id = :studio",
    ],
    "inserted": [
        "update audit_events set seq = 7 where studio_id = :studio and seq = 6",
        "insert into audit_events select studio_id, 6, at, kind, actor, delivery_id, data, previous, hash"
        " from audit_events where studio_id = :studio and seq = 5",
    ],
    "appended": [
        "insert into audit_events select studio_id, 7, at, kind, actor, delivery_id, data, hash, hash"
        " from audit_events where studio_id = :studio and seq = 6",
    ],
    "reordered": [
        "update audit_events set seq = 100 where studio_id = :studio and seq = 3",
        "update audit_events set seq = 3 where studio_id = :studio and seq = 4",
        "update audit_events set seq = 4 where studio_id = :studio and seq = 100",
    ],
    "tail cut off": ["delete from audit_events where studio_id = :studio and seq > 4"],
    "tail cut off, head moved back": [
        "update audit_heads set seq = 4, hash = (select hash from audit_events e where e.studio_id = :studio and e.seq = 4)"
        " where studio_id = :studio",
        "delete from audit_events where studio_id = :studio and seq > 4",
    ],
    "all events deleted": ["delete from audit_events where studio_id = :studio"],
    "head deleted": ["delete from audit_heads where studio_id = :studio"],
    "head's mac edited": ["update audit_heads set mac = 'f' || substr(mac, 2) || 'x' where studio_id = :studio"],
}


@pytest.mark.parametrize("statements", MEDDLING.values(), ids=MEDDLING.keys())
def test_promise_23_meddling_is_found(
    wiring: Wiring, studio: StudioActor, meddle: Meddle, statements: list[str]
) -> None:
    assert verified(wiring).exit_code == 0
    meddle(*statements)
    told = verified(wiring)
    assert told.exit_code == 1
    assert studio.studio_id in told.output
    assert "whole" not in told.output


def test_promise_23_a_head_swapped_for_another_studios_is_found(
    wiring: Wiring, client: TestClient, studio: StudioActor, meddle: Meddle
) -> None:
    other = new_studio(wiring, client, "Cita studija")
    for number in range(EVENTS):
        note(wiring, other, number)
    swap = (
        "update audit_heads set mac = (select mac from audit_heads where studio_id = :other) where studio_id = :studio"
    )
    meddle(swap, other=other.studio_id)
    told = verified(wiring)
    assert told.exit_code == 1
    assert f"{studio.studio_id}: the head of the chain was not written by this installation" in told.output
    assert f"{other.studio_id}: whole (6 events sound)" in told.output


def test_promise_23_a_whole_chain_rewritten_without_the_key_is_found(
    wiring: Wiring, studio: StudioActor, meddle: Meddle
) -> None:
    """Somebody with the database but not the secret keys can chain hashes anew, yet not sign the head."""
    meddle("delete from audit_events where studio_id = :studio", "delete from audit_heads where studio_id = :studio")
    ours = wiring.signer
    wiring.__dict__["signer"] = Signer(["the forger's key, made of 32 or more letters"])
    note(wiring, studio, 99)
    wiring.__dict__["signer"] = ours
    told = verified(wiring)
    assert told.exit_code == 1
    assert "not written by this installation" in told.output


def test_events_survive_a_new_key(wiring: Wiring, studio: StudioActor) -> None:
    """The old key stays in the list, so what it signed still verifies; the next event is signed by the new one."""
    old = wiring.settings.data_dir.joinpath("secret_keys").read_text().strip()
    wiring.__dict__["signer"] = Signer(["a fresh key 0123456789 0123456789 01", old])
    assert verified(wiring).exit_code == 0
    note(wiring, studio, 7)
    assert verified(wiring).exit_code == 0
    with wiring.db.read() as tx:
        assert verify_chain(tx, Signer(["a fresh key 0123456789 0123456789 01"]))[0].fault == ""


def test_an_untouched_log_is_whole(wiring: Wiring, studio: StudioActor) -> None:
    told = verified(wiring)
    assert told.output == f"{studio.studio_id}: whole (6 events sound)\n"
    assert told.exit_code == 0


def test_an_empty_log_is_said_to_be_empty(wiring: Wiring) -> None:
    told = verified(wiring)
    assert (told.output, told.exit_code) == ("The log is empty.\n", 0)


def test_an_event_is_rolled_back_with_its_change(wiring: Wiring, studio: StudioActor) -> None:
    with pytest.raises(KeyError), wiring.db.write() as tx:
        record(tx, wiring, studio.studio_id, "test.noted", actor=SYSTEM)
        raise KeyError
    assert verified(wiring).output == f"{studio.studio_id}: whole (6 events sound)\n"
