"""Originals become marked renditions, cards or failures; never anything else."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, work
from tests.originals import Original, canary_jpeg


def picture(studio: StudioActor, delivery: str, asset: str, page: int = 1, size: int = 480) -> object:
    return studio.page("GET", f"/deliveries/{delivery}/previews/{asset}/{page}/{size}")


def test_a_photograph_becomes_three_marked_sizes(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    original = canary_jpeg()
    asset = studio.upload(delivery, original)[0]["id"]
    work(wiring)
    told = studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"][0]
    assert (told["state"], told["media_type"], told["pages"]) == ("ready", "image/jpeg", 1)
    for size in (480, 960, 2048):
        answer = picture(studio, delivery, asset, size=size)
        assert answer.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(answer.content)) as opened:
            assert max(opened.size) == size
        assert not any(secret in answer.content for secret in original.secrets)
