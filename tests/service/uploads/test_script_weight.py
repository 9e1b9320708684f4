"""What a studio's page makes a browser load in scripts, all modules and the worker's included, as it goes over the wire."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin, urlsplit

from starlette.testclient import TestClient

from tests.actors import StudioActor

MOST = 80_000
_IMPORT = re.compile(r"""^import .*?["']([^"']+)["'];?$|\bfrom ["']([./][^"']+)["']""", re.M)


def scripts_of(client: TestClient, page: str) -> dict[str, int]:
    """Path to gzipped bytes of every script that a page names, and of what those import."""
    found: dict[str, int] = {}
    waiting = re.findall(r'(?:src|data-worker|data-library)="(/static/[^"]+)"', page)
    while waiting:
        path = urlsplit(waiting.pop()).path
        if path in found or not path.endswith(".js"):
            continue
        text = client.get(path).text
        found[path] = len(gzip.compress(text.encode()))
        waiting += [urljoin(path, one or other) for one, other in _IMPORT.findall(text)]
    return found


def test_a_delivery_page_stays_light(studio: StudioActor, delivery: str, client: TestClient) -> None:
    found = scripts_of(client, studio.page("GET", f"/deliveries/{delivery}").text)
    assert {"/static/vendor/tus.min.js", "/static/js/upload/queue.js", "/static/vendor/noble/sha2.js"} <= found.keys()
    assert sum(found.values()) <= MOST, found
    print(f"{sum(found.values()) / 1000:.1f} kB of scripts in {len(found)} files")
