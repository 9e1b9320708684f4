"""A studio, somebody else's, and a client that speaks tus."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio

BYTES = "application/offset+octet-stream"


@dataclass
class Tus:
    """A studio's program that uploads."""

    studio: StudioActor

    def call(self, method: str, path: str = "", content: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Tus-Resumable": "1.0.0", **named}
        path = path.removeprefix("/api/v1/uploads")
        return self.studio.api(method, f"/uploads{path}", content=content, headers=sent)

    def create(self, delivery: str, size: int, filename: str = "a.bin", **more: str) -> Any:
        given = {"delivery": delivery, "filename": filename, **more}
        return self.call("POST", Upload_Length=str(size), Upload_Metadata=metadata(given))

    def begin(self, delivery: str, size: int, filename: str = "a.bin", **more: str) -> str:
        """Where to go on."""
        answer = self.create(delivery, size, filename, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def patch(self, place: str, offset: int, content: Any, **headers: str) -> Any:
        return self.call("PATCH", place, content, Upload_Offset=str(offset), Content_Type=BYTES, **headers)

    def head(self, place: str) -> Any:
        return self.call("HEAD", place)

    def offset(self, place: str) -> int:
        return int(self.head(place).headers["upload-offset"])

    def send(self, delivery: str, content: bytes, filename: str = "a.bin", **more: str) -> str:
        """All of it; the asset's id."""
        answer = self.patch(self.begin(delivery, len(content), filename, **more), 0, content)
        assert answer.status_code == 204, answer.text
        return str(answer.headers["tillpaid-asset"])

    def assets(self, delivery: str) -> list[dict[str, Any]]:
        return list(self.studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"])


def metadata(given: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in given.items())


def checksum(data: bytes, name: str = "sha256") -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, data).digest()).decode()}"


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def other(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client, "Cita studija")


@pytest.fixture
def tus(studio: StudioActor) -> Tus:
    return Tus(studio)


@pytest.fixture
def delivery(studio: StudioActor) -> str:
    return str(studio.delivery()["id"])
