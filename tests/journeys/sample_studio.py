"""The sample studio as programs see it: where its pages are."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from service.demo.address import EMAIL
from tests.faults.studio import BOUNDARY, multipart
from tests.journeys.person import PATIENCE
from tests.journeys.server import Server


@dataclass(frozen=True)
class Sample:
    """The server with the sample studio; ``places`` are its deliveries, by title."""

    server: Server
    token: str
    places: dict[str, Place]

    @property
    def url(self) -> str:
        return self.server.url

    def place(self, state: str, *, locale: str = "") -> Place:
        """A delivery in this state."""
        found = [p for p in self.places.values() if p.state == state and locale in {"", p.locale}]
        assert found, f"no delivery is {state}"
        return found[-1]  # the newest comes first

    def sign_in_link(self) -> str:
        return self.server.sign_in_link(EMAIL)


@dataclass(frozen=True)
class Place:
    """One delivery: its id, and the path of its share link, if it has one."""

    id: str
    title: str
    state: str
    locale: str
    share: str


def look_around(server: Server) -> Sample:
    """Asks the API what there is."""
    token = server.command("token", "create", EMAIL)
    places = {}
    for item in ask(server, token, "/deliveries")["items"]:
        links = ask(server, token, f"/deliveries/{item['id']}/links")["items"]
        share = share_path(links[0]) if links else ""
        places[item["title"]] = Place(item["id"], item["title"], item["state"], item["locale"], share)
    return Sample(server, token, places)


def ask(server: Server, token: str, path: str, body: Any = None) -> Any:
    """A call of the API: GET, or POST when there is something to send."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{server.url}/api/v1{path}", data=data, headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read())


def hand_over(sample: Sample, title: str, files: dict[str, bytes], **agreed: Any) -> tuple[str, str]:
    """A delivery of its own with these files, and a link to it: (id, path), once its previews are made."""
    client = {"name": "Ausma Kalniņa", "email": "ausma@client.example"}
    new = {"title": title, "client": client, "amount": "300.00", "currency": "EUR", **agreed}
    delivery = ask(sample.server, sample.token, "/deliveries", new)["id"]
    _upload(sample, delivery, files)
    until = time.monotonic() + PATIENCE / 1000
    while any(a["state"] in {"queued", "rendering"} for a in assets_of(sample, delivery)):
        assert time.monotonic() < until, "the previews take too long"
        time.sleep(0.2)
    return delivery, share_path(ask(sample.server, sample.token, f"/deliveries/{delivery}/links", {"name": "Ausma"}))


def assets_of(sample: Sample, delivery: str) -> list[Any]:
    return list(ask(sample.server, sample.token, f"/deliveries/{delivery}/assets?limit=200")["items"])


def _upload(sample: Sample, delivery: str, files: dict[str, bytes]) -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    headers = {"Authorization": f"Bearer {sample.token}", "Content-Type": kind}
    body = multipart(tuple(files.items()))
    address = f"{sample.url}/api/v1/deliveries/{delivery}/assets"
    with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers), timeout=60) as answer:
        assert answer.status == 201


def share_path(link: Any) -> str:
    """The path of a link's page."""
    return "/s/" + str(link["url"]).rsplit("/s/", 1)[1]


def fetch(url: str, **headers: str) -> tuple[Any, bytes]:
    """(headers, body) of a page or picture that anybody with the address gets."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return answer.headers, answer.read()
