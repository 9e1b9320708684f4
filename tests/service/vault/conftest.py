from __future__ import annotations

import pytest

from service.wiring import Wiring
from tests.service.vault.full import Full, fill


@pytest.fixture
def full(wiring: Wiring) -> Full:
    return fill(wiring)
