"""A picture that two clients were shown, and people who find it again."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.bench.samples import photo
from tests.originals import Original

Pixels = NDArray[np.uint8]


@dataclass
class Leak:
    """Two links to one picture, and what each was shown."""

    wiring: Wiring
    client: TestClient
    studio: StudioActor
    other: StudioActor
    delivery: str
    asset: str
    anna: dict[str, Any]
    juris: dict[str, Any]

    def shown(self, link: dict[str, Any], size: int = 2048) -> bytes:
        answer = self.client.get(f"{share_path(link)}/previews/{self.asset}/1/{size}")
        assert answer.headers["content-type"] == "image/jpeg"
        return bytes(answer.content)

    def trace(self, content: bytes, by: StudioActor | None = None, name: str = "found.jpg") -> Any:
        return (by or self.studio).api("POST", "/traces", files={"file": (name, content, "image/jpeg")})

    def named(self, content: bytes, by: StudioActor | None = None) -> list[str]:
        answer = self.trace(content, by)
        assert answer.status_code == 200, answer.text
        return [link["id"] for link in answer.json()["links"]]


@pytest.fixture
def leak(wiring: Wiring, client: TestClient) -> Leak:
    studio, other = new_studio(wiring, client), new_studio(wiring, client, "Cita studija")
    buffer = io.BytesIO()
    Image.fromarray(photo(2200, 1500)).save(buffer, "JPEG", quality=92)
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, Original("a.jpg", buffer.getvalue(), ()))[0]["id"]
    anna, juris = studio.link(delivery), studio.link(delivery, "Juris", email="juris@example.com")
    work(wiring)
    return Leak(wiring, client, studio, other, delivery, asset, anna, juris)


def changed(content: bytes, change: Callable[[Image.Image], Image.Image], kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as it came out of somebody else's hands."""
    buffer = io.BytesIO()
    change(Image.open(io.BytesIO(content)).convert("RGB")).save(buffer, kind, **options)
    return buffer.getvalue()
