"""Uploading a large original through the API, against cp plus sha256sum of the same file on the same disk.

One client (curl, multipart) over loopback to the server as `tillpaid serve` runs it; the two in turn. Ours ends when
the answer has come: hashed twice over (SHA-256, CRC-32), on the disk (fsync), in the database, in the audit log.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.deliveries.create import NewDelivery, create_delivery
from service.kit.money import Money
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.faults.server import Server

MIB = 1024 * 1024
SPEED_GOAL = 0.5
MEMORY_GOAL = 150.0
"""Megabytes (10^6) of resident memory at most."""


def main() -> None:
    quick = arguments(__doc__).quick
    size, pairs = (256, 3) if quick else (1024, 5)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        place, data = Path(folder), Path(folder, "data")
        delivery_id, token = studio(data)
        file = random_file(place / "large.bin", size)
        with Server(data) as server:
            address = f"{server.url}/api/v1/deliveries/{delivery_id}/assets"
            idle = server.peak_memory() / 1e6
            upload(address, token, random_file(place / "small.bin", 64), 64)
            small = server.peak_memory() / 1e6
            speeds: dict[str, list[float]] = {"ours": [], "cp": [], "cp and sync": []}
            for turn in range(pairs):
                renew(file, turn)
                for who in ("ours", "cp", "cp and sync") if turn % 2 else ("cp and sync", "cp", "ours"):
                    os.sync()
                    if who == "ours":
                        speeds[who].append(size / upload(address, token, file, size))
                    else:
                        speeds[who].append(size / copy_and_hash(file, sync=who != "cp"))
            large = server.peak_memory() / 1e6
    report(size, pairs, speeds, (idle, small, large), quick=quick)


def report(
    size: int, pairs: int, speeds: dict[str, list[float]], peaks: tuple[float, float, float], *, quick: bool
) -> None:
    idle, small, large = peaks
    made = Report(
        "upload",
        f"Upload of a {size} MiB original by the API, against cp plus sha256sum",
        f"curl (multipart) over loopback to `tillpaid serve`, {pairs} interleaved rounds on the same disk, content new "
        "in every round, file in the page cache, `sync` before each; medians in MiB/s (range)",
        quick,
        raw=speeds,
    )
    middle = {who: statistics.median(values) for who, values in speeds.items()}
    ours = spread(speeds["ours"], digits=0)
    for who, goal in (("cp", SPEED_GOAL), ("cp and sync", None)):
        said = f"upload, MiB/s, ours / {who} + sha256sum"
        made.rows.append(Row(said, ours, spread(speeds[who], digits=0), middle["ours"] / middle[who], goal))
    for what, peak in (("64 MiB", small), (f"{size} MiB, {pairs} times", large)):
        said = f"server's peak memory after {what}, MB"
        made.rows.append(Row(said, f"{peak:.0f}", f"idle {idle:.0f}", peak, MEMORY_GOAL, "less"))
    made.remarks.append("our upload is on the disk when it is acknowledged; plain cp is in the page cache only")
    made.save()


def studio(data: Path) -> tuple[str, str]:
    """A delivery's id and an API token, in a fresh data directory."""
    wiring = Wiring(load({}, data_dir=data))
    try:
        migrate(wiring.db)
        with wiring.db.write() as tx:
            who: Who = create_studio(tx, wiring, email="bench@example.com")
            new = NewDelivery(title="B", client_name="C", client_email="", amount=Money(100, "EUR"), locale="en")
            delivery = create_delivery(tx, wiring, who, new)
            return delivery.id, create_api_token(tx, wiring, who, "bench")
    finally:
        wiring.close()


def random_file(path: Path, mib: int) -> Path:
    with path.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
    return path


def renew(path: Path, turn: int) -> None:
    """Other content of the same size, without writing it all again; then all of it read once."""
    with path.open("r+b") as file:
        file.write(turn.to_bytes(8, "big") + os.urandom(8))
        while file.read(MIB):
            pass


def upload(address: str, token: str, path: Path, mib: int) -> float:
    """Seconds for one upload; checks the answer."""
    began = time.perf_counter()
    command = ["curl", "-s", "-H", f"Authorization: Bearer {token}", "-F", f"file=@{path}", address]
    done = subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    assert json.loads(done.stdout)["assets"][0]["size"] == mib * MIB, done.stdout
    return seconds


def copy_and_hash(path: Path, *, sync: bool) -> float:
    """Seconds for cp and sha256sum, one after the other, with the copy forced to the disk when ``sync``."""
    copy = path.with_suffix(".copy")
    began = time.perf_counter()
    subprocess.run([shutil.which("cp") or "cp", path, copy], check=True)
    if sync:
        subprocess.run(["sync", copy], check=True)
    subprocess.run(["sha256sum", path], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    copy.unlink()
    return seconds


if __name__ == "__main__":
    main()
