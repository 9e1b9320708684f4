"""What the share page makes a phone fetch besides pictures: at most 45 KB of script and 20 KB of style, compressed."""

from __future__ import annotations

import base64
import gzip
import re
import secrets
from pathlib import Path

from starlette.testclient import TestClient

from service.deliveries.models import Delivery
from service.previews.models import Proof
from service.previews.recipe_for import recipe_for
from service.web.templates import STATIC
from tests.service.shares.conftest import PAGE, Shares

KB = 1000
_LOADED = re.compile(r"/static/([\w./-]+\.(?:js|css))\?")
_IMPORTED = re.compile(r"""(?:from|import\()\s*["'](\.[\w./-]+)["']""")


def _with_imports(path: Path) -> set[Path]:
    """The file and every module that it imports, at once or later."""
    found = {path}
    for name in _IMPORTED.findall(path.read_text()) if path.suffix == ".js" else ():
        found |= _with_imports((path.parent / name).resolve())
    return found


def test_script_and_style_of_the_share_page_are_small(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    shares.asset(delivery, 1)
    page = client.get(shares.path(shares.link(delivery)), headers=PAGE).text
    files = {file for name in _LOADED.findall(page) for file in _with_imports(STATIC / name)}
    sizes = {
        kind: sum(len(gzip.compress(f.read_bytes())) for f in files if f.suffix == kind) for kind in (".js", ".css")
    }
    assert any(file.name == "photoswipe.esm.min.js" for file in files)
    assert 15 * KB < sizes[".js"] <= 45 * KB, sizes
    assert 4 * KB < sizes[".css"] <= 20 * KB, sizes


def test_three_hundred_pictures_are_fetched_as_they_come_into_view(shares: Shares, client: TestClient) -> None:
    """A page holds a window of them, most of which wait until they are near the screen."""
    delivery = shares.delivery()
    for place in range(1, 301):
        shares.asset(delivery, place)
    with shares.wiring.db.write() as tx:
        digest = recipe_for(shares.who(tx).studio, tx.get_one(Delivery, delivery.id)).digest()
        for proof in tx.query(Proof):
            proof.recipe_digest, proof.blur = digest, base64.b64encode(secrets.token_bytes(21)).decode()
    page = client.get(shares.path(shares.link(delivery)), headers=PAGE).text
    tiles = re.findall(r'<li id="a-[^"]+" class="shot', page)
    lazy = page.count('loading="lazy"')
    assert len(tiles) == 60
    assert page.count("data-blur") == 64, "sixty in the grid, four at the head"
    assert len(tiles) - lazy <= 4
    assert "?page=2#previews" in page
    assert len(gzip.compress(page.encode())) <= 20 * KB, len(gzip.compress(page.encode()))
