"""The states of a delivery, all pairs of them."""

from __future__ import annotations

import pytest
from stdnum import iso11649

from service.deliveries.reference import creditor_reference, random_number
from service.deliveries.rules import after, check_removable, who_acts
from service.errors import Conflict

ALLOWED = {
    ("draft", "send"): "held",
    ("held", "send"): "held",
    ("released", "send"): "released",
    ("draft", "release"): "released",
    ("held", "release"): "released",
    ("released", "relock"): "held",
    ("draft", "withdraw"): "withdrawn",
    ("held", "withdraw"): "withdrawn",
}


@pytest.mark.parametrize("state", ["draft", "held", "released", "withdrawn"])
@pytest.mark.parametrize("action", ["send", "release", "relock", "withdraw"])
def test_every_pair_of_state_and_action_is_decided(state: str, action: str) -> None:
    if (state, action) in ALLOWED:
        assert after(state, action) == ALLOWED[state, action]  # type: ignore[arg-type]
    else:
        with pytest.raises(Conflict):
            after(state, action)  # type: ignore[arg-type]


def test_nothing_is_removed_once_handed_over() -> None:
    check_removable("held")
    for state in ("released", "withdrawn"):
        with pytest.raises(Conflict):
            check_removable(state)


def test_somebody_is_always_named_to_act() -> None:
    assert who_acts("draft", has_assets=False) == "studio_adds"
    assert who_acts("draft", has_assets=True) == "studio_sends"
    assert who_acts("held", has_assets=True) == "client_pays"
    assert who_acts("released", has_assets=True) == "client_downloads"


def test_creditor_references_are_valid_and_begin_without_a_zero() -> None:
    assert creditor_reference("539007547034") == "RF18539007547034"  # the example of ISO 11649
    for _ in range(200):
        number = random_number()
        assert number[0] != "0" and iso11649.is_valid(creditor_reference(number))
