"""A real S3 server (SeaweedFS, one program from PyPI) on loopback, which tests start, stop and kill.

One bucket for everything and one for renditions; each test works under a prefix of its own. Three identities:
``vault`` may do all, ``pages`` may use the renditions' bucket only, ``nobody`` may do nothing.
"""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.faults.refused_calls import RefusedCalls

STARTS_WITHIN = 90.0
VAULT, RENDITIONS = "vault", "renditions"
_RIGHTS = {
    "vault": ["Admin", "Read", "Write", "List", "Tagging"],
    "pages": [f"{right}:{RENDITIONS}" for right in ("Read", "Write", "List")],
    "nobody": ["List:elsewhere"],
}
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")


class S3Server:
    """``weed server`` over ``folder``. In a ``with`` block it is ended at the end. A restart keeps ports and content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "data").mkdir(parents=True, exist_ok=True)
        identities = [
            {"name": name, "credentials": [{"accessKey": name, "secretKey": secret_of(name)}], "actions": rights}
            for name, rights in _RIGHTS.items()
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        (folder / "security.toml").write_text('[s3.sse]\nkey = "for tests only, and long enough"\n')
        (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n")
        self._process: subprocess.Popen[bytes] | None = None
        self.behind: RefusedCalls | None = None
        """What may let its writes fail, if anything; to be set before it starts."""
        self._ports = free_ports(len(_PORTS) + 2)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports[-1]}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, bucket: str = VAULT, who: str = "vault", prefix: str | None = None, **options: str) -> str:
        """An address for ``open_store``; without ``prefix`` a fresh one."""
        asked = "".join(f"&{name}={quote(value, safe='')}" for name, value in options.items())
        place = f"{bucket}/{prefix or secrets.token_hex(6)}"
        return f"s3://{who}:{secret_of(who)}@{place}?endpoint_url={quote(self.endpoint, safe='')}{asked}"

    def start(self) -> None:
        """Returns when buckets can be written to."""
        for _ in range(3):
            with (self.folder / "log").open("ab") as log:
                if self.behind:
                    self._process = self.behind.started(self._command(), cwd=self.folder, stdout=log, stderr=log)
                else:
                    self._process = subprocess.Popen(self._command(), cwd=self.folder, stdout=log, stderr=log)
            if self._wait():
                return
            self.kill()  # somebody took one of the ports
            self._ports = free_ports(len(self._ports))
        raise AssertionError((self.folder / "log").read_text()[-3000:])

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> S3Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _command(self) -> list[str]:
        weed = Path(sys.executable).with_name("weed")
        ports = [f"-{name}={port}" for name, port in zip(_PORTS, self._ports, strict=False)]
        return [
            *(str(weed), "server", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *("-master.telemetry=false", "-master.volumeSizeLimitMB=1024", "-volume.max=100", *ports),
            *("-filer", f"-filer.localSocket={self.folder / 'filer.sock'}", "-filer.disableDirListing"),
            *("-volume.images.fix.orientation=false", "-volume.minFreeSpacePercent=0"),
            *("-s3", f"-s3.port.grpc={self._ports[-2]}", f"-s3.port={self._ports[-1]}", "-s3.ip.bind=127.0.0.1"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self.folder / 's3.json'}", "-s3.iam=false"),
        ]

    def _wait(self) -> bool:
        """Whether it came up; False when the process ended instead."""
        assert self._process is not None
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="vault",
            aws_secret_access_key=secret_of("vault"),
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=20),
        )
        until = time.monotonic() + STARTS_WITHIN
        while self._process.poll() is None and time.monotonic() < until:
            try:
                for bucket in (VAULT, RENDITIONS):
                    _make_bucket(client, bucket)
                    client.put_object(Bucket=bucket, Key="ready", Body=b"")
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
            else:
                client.close()
                return True
        client.close()
        return False


def _make_bucket(client: object, bucket: str) -> None:
    try:
        client.head_bucket(Bucket=bucket)  # type: ignore[attr-defined]
    except ClientError:
        client.create_bucket(Bucket=bucket)  # type: ignore[attr-defined]


def secret_of(who: str) -> str:
    return f"{who}-secret-for-tests"


def free_ports(count: int) -> list[int]:
    """Different ports of this machine that nobody listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
