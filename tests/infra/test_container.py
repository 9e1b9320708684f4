"""The image's steps and the compose file, as far as they can be tried without a container engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import describe, load
from storage.opening import open_store
from tests.s3_server import _RIGHTS, S3Server, free_ports, secret_of

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "infra" / "Dockerfile"
COMPOSE = ROOT / "infra" / "compose" / "compose.yaml"


def copied() -> list[str]:
    """What the Dockerfile takes from the checkout."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    sources = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return sorted({source for each in sources for source in each})


def test_the_image_is_pinned_unprivileged_and_takes_only_what_there_is() -> None:
    text = DOCKERFILE.read_text()
    for image in re.findall(r"^FROM (\S+)", text, re.M):
        assert re.fullmatch(r"[a-z]+:\d[\w.-]+", image), image
    assert re.findall(r"^USER (\S+)", text, re.M) == ["10001:10001"]
    assert "ADD " not in text
    assert "--require-hashes" in text
    assert "curl" not in text
    for source in copied():
        assert (ROOT / source).exists(), source
    let_through = {
        line[1:] for line in (ROOT / "infra/Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"
    }
    assert let_through == set(copied())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What is in the image, made by its own steps, and then not writable."""
    app = tmp_path / "app"
    ignored = shutil.ignore_patterns("__pycache__")
    for source in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / source, ignore=ignored)
        else:
            (app / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, app / source)
    for folder, _below, files in os.walk(app):
        for name in files:
            Path(folder, name).chmod(0o444)
        Path(folder).chmod(0o555)
    return app


def test_what_is_copied_is_enough_to_serve_from_a_place_that_cannot_be_written(tree: Path, tmp_path: Path) -> None:
    """From the copied files only, with the checkout out of sight. As root, file modes stop nobody: what was written is
    looked for instead."""
    before = sorted(tree.rglob("*"))
    [port] = free_ports(1)
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "TILLPAID_DATA_DIR": str(tmp_path / "data")}
    start = f"import sys; sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]; sys.path.insert(0, {str(tree)!r})"
    run = f"{start}; from service.cli import main; sys.argv = ['tillpaid', 'serve', '--port', '{port}']; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", run], cwd=tree, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz", process)
        loaded = Path(f"/proc/{process.pid}/cwd").resolve()
        assert loaded == tree
    finally:
        process.terminate()
        process.communicate()
    assert sorted(tree.rglob("*")) == before


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while True:
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < until
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text()))


def filled(text: str) -> str:
    """With every variable of the .env file in its place."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: f"{found[1].lower()}-0123456789abcdef0123456789", text)


def test_its_settings_are_settings(compose: dict[str, Any]) -> None:
    environment = {name: filled(value) for name, value in compose["services"]["web"]["environment"].items()}
    assert set(environment) <= {name for name, _default, _doc in describe()}
    environment |= {"TILLPAID_SMTP_URL": "", "TILLPAID_MAIL_FROM": "a@example.com"}
    settings = load(environment)
    assert settings.database.startswith("postgresql+psycopg://")
    for url in (settings.storage, settings.renditions_url):
        open_store(url)


def test_every_variable_is_in_the_example(compose: dict[str, Any]) -> None:
    named = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    example = {line.split("=")[0] for line in (COMPOSE.parent / "example.env").read_text().splitlines() if "=" in line}
    assert named == example


def test_only_the_proxy_can_be_reached_and_our_parts_can_write_nothing(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, each in services.items() if each.get("ports")} == {"proxy"}
    for name in ("web", "worker", "buckets"):
        assert services[name]["read_only"] is True
        assert services[name]["user"] == "10001:10001"
        assert services[name]["cap_drop"] == ["ALL"]
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("database", "store"):
        assert services[name]["networks"] == ["inside"]
    for name, each in services.items():
        assert re.search(r":\d", each["image"]) or each["image"] == "tillpaid", name


def test_its_identities_are_those_that_were_tried_out(compose: dict[str, Any]) -> None:
    told = json.loads(filled(compose["configs"]["identities"]["content"]))
    rights = {each["name"]: sorted(each["actions"]) for each in told["identities"]}
    assert rights == {name: sorted(_RIGHTS[name]) for name in ("vault", "pages")}


def test_missing_buckets_are_made(s3_server: S3Server) -> None:
    urls = {
        "TILLPAID_STORAGE_URL": s3_server.url("made-vault"),
        "TILLPAID_RENDITIONS_URL": s3_server.url("made-pictures", "pages"),
    }
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "infra/setup/make_buckets.py"],
            cwd=ROOT,
            env={**os.environ, **urls, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "made-pictures: there\nmade-vault: there\n"), done.stderr
        assert secret_of("vault") not in done.stdout + done.stderr
    assert open_store(urls["TILLPAID_STORAGE_URL"]).exists("none") is False
