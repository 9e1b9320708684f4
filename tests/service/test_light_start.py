"""What serving has no use for until somebody asks for it isn't loaded: it would cost each server tens of megabytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {"cv2", "numpy", "PIL", "fpdf", "pypdf", "mjml", "boto3", "procrastinate", "pypdfium2"}
PROGRAM = """
import pathlib, sys
from service.app import create_app
from service.settings import load
from service.wiring import Wiring
create_app(Wiring(load({}, data_dir=pathlib.Path(sys.argv[1]))))
print(*sys.modules)
"""


def test_a_server_starts_without_what_only_some_requests_need(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
