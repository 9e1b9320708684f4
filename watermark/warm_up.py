"""Do a small job once before any fork, so that no child pays again for what libraries set up on first use.

A child can open no file, so what is imported late must be there already. Only pictures drawn here are read, so nothing
of a stranger's comes near the parent.
"""

from __future__ import annotations

import contextlib
import encodings
import importlib
import io
import pkgutil
import tempfile
from typing import Final

from PIL import Image

from watermark.errors import WatermarkError
from watermark.imprint import imprint
from watermark.ingest import ingest
from watermark.limits import Limits
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.sample import landscape
from watermark.steps.encode import encode_rendition
from watermark.steps.mark import Marker
from watermark.trace import trace
from watermark.visible.layers import layer

LATE: Final = ("numpy.fft", "numpy.linalg", "numpy.random", "numpy.ma", "numpy.polynomial")
"""What numpy imports only when it is first named."""


def import_the_rest() -> None:
    """Modules that libraries import in the middle of their work: text codecs above all."""
    for name in LATE:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        with contextlib.suppress(ImportError):  # some are for other systems
            importlib.import_module(module.name)
    Image.init()


def warm_up(marker: Marker) -> None:
    """Ingest a drawn picture as JPEG, PNG and PDF. Failures are left for the real job to tell.

    The PDF also has the memory for ctypes' callbacks made: a child may not make memory executable.
    """
    import_the_rest()
    _warm_forensic()
    layer(landscape(320, 180), Recipe("Warm"), b"warm-up", 1)  # reads the fonts of letters
    picture = Image.fromarray(landscape(2400, 1600))
    for kind in ("JPEG", "PNG", "PDF"):
        drawn = picture if kind == "JPEG" else picture.resize((300, 200))
        content = io.BytesIO()
        drawn.save(content, kind)
        with tempfile.TemporaryFile() as file:
            file.write(content.getvalue())
            file.flush()
            try:
                for _ in ingest(file, "", Recipe("Warm"), b"warm-up", marker, Limits(), Deadline.after(60)):
                    pass
            except WatermarkError:
                return


def _warm_forensic() -> None:
    """Lay a link's mark and look for it: libraries load parts of themselves at the first use, and a child may open no
    file."""
    marked = imprint(encode_rendition(landscape(1200, 800)), 1, b"warm-up").picture
    with tempfile.TemporaryFile() as file:
        file.write(marked)
        file.flush()
        trace(file, [b"warm-up"], Limits(), Deadline.after(60))
