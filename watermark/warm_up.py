"""Do a small job once before any fork, so that no child pays again for what libraries set up on first use.

Only pictures drawn here are read, so nothing of a stranger's comes near the parent.
"""

from __future__ import annotations

import io
import tempfile

from PIL import Image

from watermark.errors import WatermarkError
from watermark.ingest import ingest
from watermark.limits import Limits
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.sample import landscape
from watermark.steps.mark import Marker


def warm_up(marker: Marker) -> None:
    """Ingest a drawn picture as JPEG, PNG and PDF. Failures are left for the real job to tell.

    The PDF also has the memory for ctypes' callbacks made: a child may not make memory executable.
    """
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
