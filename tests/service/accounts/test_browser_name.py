"""Browsers by the names people know."""

from __future__ import annotations

import pytest

from service.accounts.browser_name import browser_name

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (f"{MAC} Version/18.0 Safari/605.1.15", "Safari, Mac"),
        (f"{MAC} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_do(agent: str, name: str) -> None:
    assert browser_name(agent) == name
