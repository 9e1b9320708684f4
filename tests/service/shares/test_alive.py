"""Whether a link still opens anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.deliveries.models import Delivery
from service.shares.alive import alive
from service.shares.models import ShareLink

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _delivery(state: str = "held") -> Delivery:
    return Delivery(id="dlv_1", state=state)


def _link(**more: object) -> ShareLink:
    return ShareLink(**{"id": "lnk_1", "delivery_id": "dlv_1", "created_at": NOW, **more})


def test_a_sent_link_opens() -> None:
    assert alive(_link(), _delivery(), NOW)
    assert alive(_link(), _delivery("released"), NOW)


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_a_delivery_that_was_not_sent_or_was_withdrawn_opens_nothing(state: str) -> None:
    assert not alive(_link(), _delivery(state), NOW)


def test_a_revoked_link_opens_nothing_whatever_the_clock_says() -> None:
    for hours in (-2, 0, 2):
        assert not alive(_link(revoked_at=NOW), _delivery(), NOW + timedelta(hours=hours))


def test_a_link_of_another_delivery_opens_nothing() -> None:
    assert not alive(_link(delivery_id="dlv_2"), _delivery(), NOW)


def test_promise_18_no_link_outlives_its_end() -> None:
    link = _link(expires_at=NOW)
    assert alive(link, _delivery(), NOW - timedelta(microseconds=1))
    assert not alive(link, _delivery(), NOW)
    assert not alive(link, _delivery(), NOW + timedelta(hours=1))


@pytest.mark.parametrize("behind", [1, 60, 3600])
def test_promise_18_a_fresh_link_works_on_a_machine_whose_clock_is_behind(behind: int) -> None:
    link = _link(created_at=NOW, expires_at=NOW + timedelta(days=1))
    assert alive(link, _delivery(), NOW - timedelta(seconds=behind))
