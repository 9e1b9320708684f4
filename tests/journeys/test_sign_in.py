"""Getting in, as the person who just started the server does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.person import Person
from tests.journeys.server import Server
from tests.journeys.studio import sign_in_first, sign_in_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_first_link_leads_to_a_studio_once(server: Server, people: Callable[..., Person], scripts: bool) -> None:
    ilze = people(server.url, scripts=scripts)
    sign_in_first(ilze, server)
    assert ilze.page.url.endswith("/settings/profile")
    stranger = people(server.url)
    answer = stranger.context.request.get(server.first_link, headers={"Accept": "text/html"})
    assert answer.status == 410
    sign_in_page(stranger)
