"""Lets the virtual environment that runs this use the checkout: imports from anywhere, and ``bin/tillpaid``.

Does what an editable install would, without a build: that would fetch a build back end outside the lock file.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
COMMAND = """#!{python}
import sys

from service.cli import main

sys.exit(main())
"""


def main() -> None:
    Path(sysconfig.get_path("purelib"), "tillpaid-checkout.pth").write_text(f"{HERE}\n")
    command = Path(sysconfig.get_path("scripts"), "tillpaid")
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    main()
