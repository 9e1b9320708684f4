"""The same job in thumbor's own PIL engine: decode, resize to 2048, tile a text mark over it, JPEG q80.

Run with the interpreter of thumbor's environment. Prints one time in milliseconds for each line of standard input.
Only the engine is measured, without its HTTP server, which is in thumbor's favour.
"""

import io
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw
from thumbor.config import Config
from thumbor.context import Context, RequestParameters
from thumbor.engines.pil import Engine

data = Path(sys.argv[1]).read_bytes()
config = Config(QUALITY=80)
tile = Image.new("RGBA", (400, 240))
ImageDraw.Draw(tile).text((60, 100), "PROOF Anna Berzina", fill=(255, 255, 255, 100), font_size=40)
overlay = Image.new("RGBA", (2048, 1365))
for top in range(0, 1365, 240):
    for left in range(0, 2048, 400):
        overlay.paste(tile, (left, top))
stored = io.BytesIO()
overlay.save(stored, "PNG")

for _ in sys.stdin:
    start = time.perf_counter()
    context = Context(config=config)
    context.request = RequestParameters(width=2048, height=1365)
    engine = Engine(context)
    engine.load(data, ".jpg")
    engine.resize(2048, 1365)
    mark = Engine(context)
    mark.image = overlay
    engine.paste(mark, (0, 0), merge=True)
    engine.read(".jpg", 80)
    print((time.perf_counter() - start) * 1000, flush=True)
