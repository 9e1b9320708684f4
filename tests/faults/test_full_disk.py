"""A disk that fills during an upload: the sender is told 507, nothing half is kept, and the next upload works.

The server runs over a real small disk, in a mount namespace of its own. Where the system allows none, a limit on
file size stands in for it: the same refusal by the kernel, but the disk as a whole never fills.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Server
from tests.faults.studio import BOUNDARY, Studio, multipart

HERE = Path(__file__)
MIB = 1024 * 1024
DISK = 24
"""MiB, the database and everything else included."""


def test_a_disk_that_fills_during_an_upload(tmp_path: Path) -> None:
    script = f"exec {sys.executable} -m tests.faults.test_full_disk {tmp_path}"
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    mounted = [*namespace, "sh", "-c", f"mount -t tmpfs -o size={DISK}m none {tmp_path} && {script} disk"]
    limited = ["bash", "-c", f"ulimit -f {DISK * 1024}; {script} limit"]
    for command in (mounted, limited):
        done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parents[2], check=False)
        if done.returncode == 0 or "Traceback" in done.stderr:
            break
    assert done.stdout == "full, and recovered\n", done.stdout + done.stderr
    print("on a small disk" if command is mounted else "by a limit on file size")


def on_a_small_disk(folder: Path, *, real: bool) -> None:
    """What the test runs in its namespace; raises AssertionError."""
    wiring = Wiring(load({}, data_dir=folder / "data"))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        token = create_api_token(tx, wiring, create_studio(tx, wiring, email="full@example.com"), "full")
    look = Look(wiring)
    with Server(wiring.settings.data_dir) as server:
        studio = Studio(server.port, token, Ledger())
        delivery_id = studio.delivery()
        studio.upload(delivery_id, ("before.bin", b"b" * MIB))
        for files in ([30 * MIB], [4 * MIB, 30 * MIB], [10 * MIB, 1, 10 * MIB, 10 * MIB] if real else [30 * MIB]):
            refused(studio, delivery_id, files)
            assert whole(look, studio) == 1
            assert kept(wiring) == MIB, "the refused upload left something behind"
        if real:
            a_disk_that_others_filled(folder, studio, delivery_id)
        studio.upload(delivery_id, ("after.bin", b"a" * (10 * MIB)))
        assert whole(look, studio) == 2 + real
    wiring.close()


def a_disk_that_others_filled(folder: Path, studio: Studio, delivery_id: str) -> None:
    """Somebody else's file takes the rest of the disk; once it is gone everything works again."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    refused(studio, delivery_id, [300_000])
    status, answer = studio.call("POST", "/deliveries", b'{"title": "T", "client": {"name": "C"}, "amount": "1.00", '
                                                        b'"currency": "EUR"}')  # fmt: skip
    assert status in {201, 503, 507}, (status, answer)
    ballast.unlink()
    studio.upload(delivery_id, ("between.bin", b"c" * MIB))


def refused(studio: Studio, delivery_id: str, sizes: list[int]) -> None:
    """An upload of files of these sizes, which must be refused as what it is."""
    body = multipart(tuple((f"{n}.bin", bytes([n]) * size) for n, size in enumerate(sizes)))
    path, kind = f"/deliveries/{delivery_id}/assets", f"multipart/form-data; boundary={BOUNDARY}"
    status, answer = studio.call("POST", path, body, kind)
    assert (status, answer["status"], answer["code"]) == (507, 507, "no_space"), answer


def whole(look: Look, studio: Studio) -> int:
    """How many assets there are, all of them whole and all of them acknowledged."""
    assert look.faults(studio.ledger, everything=True) == []
    assert len(look.measured) == len(studio.ledger.assets)
    return len(look.measured)


def kept(wiring: Wiring) -> int:
    """Bytes of originals in the vault, and of what never became one."""
    incoming: Any = (wiring.settings.data_dir / "vault" / "incoming").iterdir()
    return sum(stat.size for stat in wiring.store.list("originals/")) + sum(path.stat().st_size for path in incoming)


if __name__ == "__main__":
    on_a_small_disk(Path(sys.argv[1]), real=sys.argv[2] == "disk")
    print("full, and recovered")
