"""A studio, and somebody else's."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def other(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client, "Cita studija")
