"""The short form of `make bench ARGS="--only film"`: pictures go on while a film is sent and worked on, and the film comes to its end too."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.bench.film_bench import Beside
from tests.bench.photographs_bench import GIB, Memory
from tests.bench.upload_bench import studio
from tests.faults.server import Server
from tests.samples.moving import film
from tests.samples.scene import saved, scene


def test_pictures_go_on_beside_a_film(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film("MP4", 8.0))
    photograph = saved(Image.fromarray(scene(240, 160)), "JPEG")
    delivery, token = studio(tmp_path / "data")
    with Server(tmp_path / "data") as server, Memory(server) as memory:
        beside = Beside(server, token, delivery, photograph, large=path.stat().st_size - 1)
        assert len(photograph) < path.stat().st_size
        beside.photographs(1)
        sent, _ = beside.while_it_is_sent(path)
        made, _ = (
            beside.while_it_is_made()
        )  # ends when the film is ready; each picture was ready before the next was sent
    assert sent and made
    assert max(memory.bytes) < GIB
