"""The real server is killed while a file is being decoded: the job is taken up again by the next one, and until the preview
is there only the placeholder is served."""

from __future__ import annotations

import os
import signal
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from service.previews.placeholder import placeholder
from service.wiring import Wiring
from tests.faults.deaths import count_states, gone
from tests.faults.ledger import Ledger
from tests.faults.server import Server
from tests.faults.studio import Studio
from tests.faults.test_sudden_death import place
from tests.until import until
from tests.watermark.conftest import saved

__all__ = ["place"]


def shown(port: int, token: str, asset: str) -> bytes:
    """What a client gets for the asset's first page."""
    address = f"http://127.0.0.1:{port}/s/{token}/previews/{asset}/1/480"
    with urllib.request.urlopen(address, timeout=60) as answer:
        return bytes(answer.read())


@pytest.mark.timeout(600)
def test_the_server_dies_in_mid_decode(place: tuple[Wiring, str]) -> None:
    wiring, secret = place
    data = wiring.settings.data_dir
    picture = saved(Image.new("RGB", (11_000, 9_000), "teal"), "PNG", compress_level=1)
    with Server(data) as server:
        studio = Studio(server.port, secret, Ledger())
        delivery = studio.delivery()
        link = studio.post(f"/deliveries/{delivery}/links", name="Anna")["url"].rpartition("/")[2]
        studio.upload(delivery, ("large.png", picture))
        (asset,) = studio.ledger.assets
        until(lambda: stopped(server), every=0.005)
        assert shown(server.port, link, asset) == placeholder()
        assert set(count_states(wiring)) == {"rendering"}, "it was not in the middle of it"
        below = server.descendants()
        server.kill()
        gone(below)
    with closing(sqlite3.connect(data / "tillpaid.db", timeout=30)) as database:
        database.execute("UPDATE jobs SET lease_until = '2000-01-01 00:00:00.000000' WHERE state = 'running'")
        database.commit()
    with Server(data) as server:
        seen = {shown(server.port, link, asset)}

        def pictured() -> bool:
            seen.add(shown(server.port, link, asset))
            return seen != {placeholder()}

        until(pictured, every=0.005)
        assert set(count_states(wiring)) == {"ready"}
        assert all(each == placeholder() or each.startswith(b"\xff\xd8") for each in seen)


def stopped(server: Server) -> bool:
    """Whether a child of the sandbox's parent was at work; from then on it stands still, so that it stays in mid-decode
    on the fastest machine and on the busiest."""
    for pid in server.descendants():
        try:
            name = Path(f"/proc/{pid}/cmdline").read_bytes()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if b"watermark.zygote" in name and children:
                for child in children:
                    os.kill(int(child), signal.SIGSTOP)
                return True
        except OSError:  # it is gone already
            continue
    return False
