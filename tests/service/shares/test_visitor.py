"""What is kept of a visitor's address."""

from __future__ import annotations

import pytest

from service.shares.visitor import coarse


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1234:5678::9", "2001:db8:1234::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_only_the_network_is_kept(address: str, network: str) -> None:
    assert coarse(address) == network
