"""A hundred clients browse share pages while ten studios upload, on SQLite and on PostgreSQL; then a crowd comes.

`tillpaid serve` with its worker, real pictures, everything on this machine, the visitors too. Each client opens a page
with its first pictures and looks at them for ten seconds at the mean. In the same run nginx serves the very page and
pictures as files to the same clients, beside the same uploads. Then 600 clients come who never pause.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.bench.crowd import Visit
from tests.bench.download_bench import nginx
from tests.bench.report import OUT, Report, Row, arguments
from tests.faults.server import Server
from tests.faults.studio import BOUNDARY, multipart
from tests.originals import photograph
from tests.postgres_server import Postgres

CLIENTS, CROWD, STUDIOS = 100, 600, 10
PICTURES, LINKS, LOOKED_AT = 24, 5, 8
PAUSE = 10.0
FILE, EVERY = 4_000_000, 2.0
"""Each studio sends such a file every so many seconds: 16 Mbit/s each, a good line."""
ROOT = Path(__file__).parents[2]


@dataclass
class Scene:
    """A running service with a delivery that can be looked at, and studios that can upload."""

    server: Server
    visits: list[Visit]
    studios: list[list[Any]]
    tokens: list[str]


def main() -> None:
    quick = arguments(__doc__).quick
    seconds, crowded = (15.0, 10.0) if quick else (30.0, 15.0)
    OUT.mkdir(parents=True, exist_ok=True)
    report = Report(
        "load",
        f"{CLIENTS} clients browse while {STUDIOS} studios upload",
        f"`tillpaid serve` with its worker on two cores that the clients share; {seconds:.0f} s each: a page of {PICTURES} pictures and "
        f"{LOOKED_AT} of them, then {PAUSE:.0f} s of looking at the mean; {FILE // 1_000_000} MB every {EVERY:.0f} s from each studio; nginx serves the "
        f"same bytes as files to the same clients beside the same uploads; then {CROWD} clients who never pause, {crowded:.0f} s",
        quick,
    )
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory(dir=OUT) as folder, ExitStack() as stack:
            url = ""
            if name == "PostgreSQL":
                postgres = stack.enter_context(Postgres(durable=True))
                postgres.make_template()
                url = postgres.create("load")
            scene = stack.enter_context(_scene(Path(folder), url))
            _measure(report, name, scene, Path(folder), seconds, crowded)
    report.save()


def _measure(report: Report, name: str, scene: Scene, folder: Path, seconds: float, crowded: float) -> None:
    files = _as_files(scene, folder / "files")
    with nginx(folder, folder / "files") as theirs, _uploading(scene, 2 * seconds + crowded + 5) as uploads:
        port = int(theirs.rsplit(":", 1)[1])
        plain = _browse(port, files, CLIENTS, PAUSE, seconds)
        ours = _browse(scene.server.port, scene.visits, CLIENTS, PAUSE, seconds)
        crowd = _browse(scene.server.port, scene.visits, CROWD, 0.0, crowded)
    sent = uploads[0]
    errors = len(ours["wrong"]) + ours["refused"] + ours["statuses"].get("503", 0)
    wrong = len(crowd["wrong"]) + crowd["refused"] + len(sent["wrong"])
    ratio = _p99(ours["pages"]) / _p99(plain["pages"])
    report.raw[f"{name} pages"], report.raw[f"{name} nginx pages"] = ours["pages"], plain["pages"]
    report.raw[f"{name} pictures"] = ours["pictures"]
    report.rows += [
        Row(f"{name}: p99 of pages / of a static file", _spread(ours["pages"]), _spread(plain["pages"]), ratio, None, "less"),
        Row(
            f"{name}: p99 of pictures / of static files", _spread(ours["pictures"]), _spread(plain["pictures"]),
            _p99(ours["pictures"]) / _p99(plain["pictures"]), None, "less",
        ),
        Row(f"{name}: errors of {sum(ours['statuses'].values())} answers", str(errors), "", errors, 0, "less"),
        Row(f"{name}: wrong answers to a crowd", str(wrong), "", wrong, 0, "less"),
        Row(f"{name}: uploads that are not there as sent", *_kept(scene, sent), 0, "less"),
    ]  # fmt: skip
    told = crowd["statuses"]
    report.remarks.append(
        f"{name}: the crowd of {CROWD} got {told.get('200', 0) / crowd['seconds']:.0f} answers a second, pages in {_spread(crowd['pages'])}, "
        f"and {told.get('503', 0)} times 503 with Retry-After; {sum(sent['sent'])} uploads meanwhile in {_spread(sent['times'])}, {sent['again']} of "
        f"them told to come again; server's peak memory {scene.server.peak_memory() / 1e6:.0f} MB"
    )
    report.remarks.append(
        f"{name}: of the {CLIENTS}, {ours['statuses'].get('200', 0) / ours['seconds']:.0f} answers a second"
    )
    for trouble in {*ours["wrong"], *crowd["wrong"], *sent["wrong"]}:
        report.remarks.append(f"{name}: {trouble}")


@contextmanager
def _scene(folder: Path, url: str) -> Iterator[Scene]:
    environ = {"TILLPAID_DATABASE_URL": url} if url else {}
    wiring = Wiring(load(environ, data_dir=folder / "data"))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        members = [create_studio(tx, wiring, email=f"{number}@example.com") for number in range(STUDIOS + 1)]
        tokens = [create_api_token(tx, wiring, Who(each.member, each.studio), "load") for each in members]
    wiring.close()
    with Server(folder / "data", environ=environ) as server:
        deliveries = [_call(server, token, "/deliveries", _new())["id"] for token in tokens]
        visits = _published(server, tokens[-1], deliveries[-1])
        studios = [[server.port, *each] for each in zip(tokens[:-1], deliveries[:-1], strict=True)]
        yield Scene(server, visits, studios, tokens)


def _new() -> bytes:
    asked = {"title": "Wedding", "client": {"name": "Anna"}, "amount": "450.00", "currency": "EUR"}
    return json.dumps(asked).encode()


def _published(server: Server, token: str, delivery: str) -> list[Visit]:
    """A delivery with pictures, and links to it whose own pictures are all made."""
    pictures = []
    for number in range(PICTURES):
        buffer = io.BytesIO()
        photograph(1200, 800, seed=number).save(buffer, "JPEG", quality=85)
        pictures.append((f"{number}.jpg", buffer.getvalue()))
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    _call(server, token, f"/deliveries/{delivery}/assets", multipart(tuple(pictures)), kind)
    links = [
        _call(server, token, f"/deliveries/{delivery}/links", json.dumps({"name": str(n)}).encode())["url"]
        for n in range(LINKS)
    ]
    until = time.monotonic() + 600
    while not _is_idle(server):
        assert time.monotonic() < until, server.tail()
        time.sleep(0.5)
    visits = []
    for link in links:
        path = "/s/" + link.rsplit("/s/", 1)[1]
        page = _get(server.port, path).decode()
        shown = list(dict.fromkeys(re.findall(rf"{re.escape(path)}/previews/[a-z0-9_]+/1/480", page)))
        assert len(shown) == PICTURES, page[:3000]
        visits.append(Visit(path, "Wedding", shown[:LOOKED_AT]))
    return visits


def _is_idle(server: Server) -> bool:
    figures = _get(server.port, "/metrics").decode()
    return all(f'tillpaid_queue{{state="{state}"}} 0.0' in figures for state in ("waiting", "running"))


def _as_files(scene: Scene, root: Path) -> list[Visit]:
    """The same page and pictures as files."""
    root.mkdir()
    root.chmod(0o755)
    made = []
    for number, visit in enumerate(scene.visits):
        names = [f"/{number}-{place}.bin" for place in range(len(visit.pictures) + 1)]
        for name, path in zip(names, [visit.page, *visit.pictures], strict=True):
            (root / name[1:]).write_bytes(_get(scene.server.port, path))
        made.append(Visit(names[0], visit.word, names[1:]))
    return made


def _browse(port: int, visits: list[Visit], people: int, pause: float, seconds: float) -> dict[str, Any]:
    told = {"host": "127.0.0.1", "port": port, "visits": [asdict(each) for each in visits]}
    told |= {"people": people, "pause": pause, "seconds": seconds}
    return _in_process("browse", told)


@contextmanager
def _uploading(scene: Scene, seconds: float) -> Iterator[list[dict[str, Any]]]:
    """The studios upload during the block; what they saw is in the list after it."""
    seen: list[dict[str, Any]] = []
    told = {"studios": scene.studios, "size": FILE, "every": EVERY, "seconds": seconds}
    thread = threading.Thread(target=lambda: seen.append(_in_process("upload", told)))
    thread.start()
    yield seen
    thread.join()


def _in_process(what: str, told: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.crowd", what, json.dumps(told)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def _kept(scene: Scene, sent: dict[str, Any]) -> tuple[str, str, float]:
    """How many acknowledged uploads are missing, of how many; by what the API lists."""
    kept = 0
    for (_port, token, delivery), _count in zip(scene.studios, sent["sent"], strict=True):
        after: str | None = ""
        while after is not None:
            query = f"?limit=100&cursor={after}" if after else "?limit=100"
            answer = _call(scene.server, token, f"/deliveries/{delivery}/assets{query}", None)
            kept += sum(asset["size"] == FILE for asset in answer["items"])
            after = answer.get("next_cursor")
    missing = sum(sent["sent"]) - kept
    return str(missing), f"of {sum(sent['sent'])}", missing


def _call(server: Server, token: str, path: str, body: bytes | None, kind: str = "application/json") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    connection.request("GET" if body is None else "POST", f"/api/v1{path}", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in {200, 201}, content
    return json.loads(content)


def _get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Accept": "text/html,image/*"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content[:500]
    return content


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def _spread(times: list[float]) -> str:
    """Median and 99th percentile in milliseconds."""
    return f"{statistics.median(times) * 1000:.1f} / {_p99(times) * 1000:.1f} ms" if len(times) > 1 else "none"


if __name__ == "__main__":
    main()
