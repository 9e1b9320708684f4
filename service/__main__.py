"""``python -m service`` is the same as ``tillpaid``."""

from service.cli import main

main()
