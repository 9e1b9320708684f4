"""Pages can be served by an identity that can't read an original: shown on a real store that refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.migrate import migrate
from service.settings import load
from service.vault.doctor import examine
from service.wiring import Wiring
from storage.blobstore import NotFound, Unavailable
from tests.actors import new_studio, share_path, work
from tests.conftest import MovableClock
from tests.originals import canary_jpeg
from tests.s3_server import RENDITIONS, S3Server


def test_pages_are_served_by_who_cannot_read_an_original(
    tmp_path: Path, clock: MovableClock, s3_server: S3Server
) -> None:
    """First a node with both identities takes the work in. Then another one serves the same database: of the vault it has
    an identity without any right, of the renditions one that reaches nothing else."""
    pictures = s3_server.url(RENDITIONS, "pages", prefix="two")

    def node(who: str) -> Wiring:
        urls = {
            "TILLPAID_STORAGE_URL": s3_server.url(who=who, prefix="two"),
            "TILLPAID_RENDITIONS_URL": pictures,
        }
        return Wiring(load({"TILLPAID_BASE_URL": "http://testserver", **urls}, data_dir=tmp_path / "data"), clock=clock)

    full = node("vault")
    migrate(full.db)
    with TestClient(create_app(full), follow_redirects=False) as client:
        studio = new_studio(full, client)
        delivery = studio.delivery()["id"]
        asset = studio.upload(delivery, canary_jpeg())[0]["id"]
        work(full)
        link = studio.link(delivery)
        studio.pay(delivery)
    assert {stat.key.split("/")[0] for stat in full.store.list()} == {"originals", "proofs"}
    assert {stat.key.split("/")[0] for stat in full.renditions.list()} == {"renditions"}

    pages = node("nobody")
    with TestClient(create_app(pages), raise_server_exceptions=False, follow_redirects=False) as client:
        studio.client = client
        picture = studio.page("GET", f"/deliveries/{delivery}/previews/{asset}/1/960")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert client.get(share_path(link)).status_code == 200
        click = client.post(f"{share_path(link)}/downloads/{asset}")
        refused = client.get(click.headers["location"])
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
    for stat in full.store.list():
        with pytest.raises(Unavailable):
            pages.store.open(stat.key)
        with pytest.raises(NotFound):
            pages.renditions.open(stat.key)
    assert [(finding.name, finding.state) for finding in examine(pages)] == [("vault", "bad"), ("renditions", "good")]
    for each in (full, pages):
        each.close()
