"""The studio's colour, logo and hidden names on its clients' pages."""

from __future__ import annotations

import itertools
import re

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from service.kit.colours import READABLE, contrast
from service.shares.look import DARK, LIGHT, scheme, style_of
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.originals import canary_png, canary_zip
from tests.rules.sources import HERE

HTML = {"Accept": "text/html"}
STEPS = ("00", "33", "66", "80", "99", "cc", "ff")


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.mark.parametrize("grounds", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_reads_on_every_ground_and_what_stands_on_it_too(grounds: tuple[str, ...]) -> None:
    for channels in itertools.product(STEPS, repeat=3):
        made = scheme("#" + "".join(channels), grounds)
        for one, other in [(made.accent, ground) for ground in (*grounds, made.soft)] + [(made.ink, made.accent)]:
            assert contrast(one, other) >= READABLE, (channels, one, other)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    told = re.findall(r"--(?:ground|raised): (#[0-9a-f]{6})", (HERE / "service/static/app.css").read_text())
    assert tuple(told) == (*LIGHT, *DARK)


def test_a_colour_that_reads_stays_as_it_is() -> None:
    assert scheme("#1d5c57", LIGHT).accent == "#1d5c57"
    assert style_of("") == ""


def test_the_page_has_the_colour_and_the_logo_by_its_own_link(
    studio: StudioActor, client: TestClient, wiring: Wiring
) -> None:
    delivery = studio.delivery()["id"]
    path = share_path(studio.link(delivery))
    plain = client.get(path, headers=HTML).text
    assert "look.css" not in plain
    assert "logo.png" not in plain
    assert client.get(f"{path}/logo.png").status_code == 404
    logo = canary_png().content
    with wiring.db.write() as tx:
        told = {"logo": logo}
        tx.execute(text("update studios set colour = '#ffee00', logo_sha256 = 'abc', logo = :logo"), told)
    page = client.get(path, headers=HTML).text
    style = client.get(re.findall(r'href="([^"]*look\.css[^"]*)"', page)[0])
    assert style.headers["content-type"].startswith("text/css")
    assert "--accent:" in style.text
    assert "style=" not in page
    assert client.get(re.findall(r'src="([^"]*logo\.png[^"]*)"', page)[0]).content == logo
    locked = share_path(studio.link(delivery, "Paula", passphrase="zaļā pļava 7"))
    assert {client.get(f"{locked}/{part}").status_code for part in ("look.css", "logo.png")} == {403}


def test_names_are_hidden_until_their_release(studio: StudioActor, client: TestClient, wiring: Wiring) -> None:
    """A card is known by its name; where the studio hides names, by its number, type and size."""
    delivery = studio.delivery()["id"]
    named = b"\x00\x01a card\xff" * 40
    upload = [("file", ("Slepens nosaukums.dat", named, "application/octet-stream"))]
    studio.api("POST", f"/deliveries/{delivery}/assets", files=upload)
    studio.upload(delivery, canary_zip())
    path = share_path(studio.link(delivery))
    work(wiring)
    assert "Slepens nosaukums.dat" in client.get(path, headers=HTML).text
    assert studio.page("POST", "/settings/look", {"colour": "", "hide_names": "yes"}).status_code == 303
    held = client.get(path, headers=HTML).text
    assert "Slepens" not in held
    assert "DAT" in held
    assert "Slepens" not in client.get(path, headers={"Accept": "application/json"}).text
    studio.pay(delivery)
    assert "Slepens nosaukums.dat" in client.get(path, headers=HTML).text
