"""A file that kills its child is given up after three times and holds up nothing; a child or parent killed from outside
costs one try. Meanwhile only the placeholder is served."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from service.previews.placeholder import placeholder
from service.wiring import Wiring
from tests.actors import StudioActor, work
from tests.originals import Original
from tests.service.previews.test_ingest import picture, told
from tests.watermark.conftest import saved
from tests.watermark.test_sandbox import children
from watermark import Sandbox


def file(name: str, colour: str) -> Original:
    return Original(name, saved(Image.new("RGB", (300, 200), colour), "PNG"), ())


DEADLY, SLOW, SOUND = file("deadly.png", "red"), file("slow.png", "blue"), file("sound.png", "grey")


@pytest.fixture
def box(wiring: Wiring) -> Iterator[Sandbox]:
    with Sandbox(marker="tests.watermark.fake_marks:judging_mark") as made:
        wiring.__dict__["sandbox"] = made
        yield made


@pytest.mark.usefixtures("box")
def test_a_file_that_kills_its_child_three_times_is_a_card(studio: StudioActor, wiring: Wiring, clock: Any) -> None:
    delivery = studio.delivery()["id"]
    studio.upload(delivery, DEADLY, SOUND)
    states = []
    for _ in range(4):
        work(wiring)
        states.append([(shown["state"], shown["reason"]) for shown in told(studio, delivery)])
        clock.move(hours=1)
    waits, done = ("rendering", ""), ("ready", "")
    # The other file does not wait for it: it is there after the first round.
    assert states == [[waits, done], [waits, done], [("card", "crashed"), done], [("card", "crashed"), done]]
    assert wiring.queue.counts() == {"waiting": 0, "running": 0, "done": 2, "dead": 0}
    deadly = told(studio, delivery)[0]
    assert "failed on it" in deadly["why"]
    assert picture(studio, delivery, deadly["id"]).content == placeholder()
    assert studio.page("POST", f"/deliveries/{delivery}/assets/{deadly['id']}/retry").status_code == 303
    assert told(studio, delivery)[0]["state"] == "queued"


@pytest.mark.parametrize("victim", ["child", "parent"])
def test_kill_9_in_mid_decode_costs_one_try(
    studio: StudioActor, wiring: Wiring, clock: Any, box: Sandbox, victim: str
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, SLOW)[0]["id"]
    worker = threading.Thread(target=work, args=(wiring,))
    worker.start()
    child = in_mid_decode(box)
    assert picture(studio, delivery, asset).content == placeholder()
    assert box.zygote_pid is not None
    os.kill(child if victim == "child" else box.zygote_pid, signal.SIGKILL)
    worker.join()
    assert told(studio, delivery)[0]["state"] == "rendering"
    assert wiring.queue.counts()["waiting"] == 1
    assert picture(studio, delivery, asset).content == placeholder()
    clock.move(hours=1)
    work(wiring)
    assert told(studio, delivery)[0]["state"] == "ready"
    assert picture(studio, delivery, asset).content != placeholder()


def in_mid_decode(box: Sandbox) -> int:
    """Waits for a child; its pid."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if box.zygote_pid is not None and (found := children(box.zygote_pid)):
            time.sleep(0.3)
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no child")
