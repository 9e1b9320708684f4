"""A document's marked pictures bound into a PDF: a picture a page, and nothing else in it."""

from __future__ import annotations

import io
from collections.abc import Iterable

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject, StreamObject

from watermark.layout import bare_jpeg_size

LONG_SIDE = 842
"""Of a page, in points (1/72 inch): as A4."""


def preview_pdf(pictures: Iterable[bytes]) -> bytes:
    """Each a JPEG as a rendition is; it becomes the page, unchanged. Raises RenderStopped if one is anything else."""
    # Its own calls for pictures would decode and encode them again.
    writer = PdfWriter()
    writer.metadata = None
    for picture in pictures:
        width, height = bare_jpeg_size(picture)
        scale = LONG_SIDE / max(width, height)
        page = writer.add_blank_page(width * scale, height * scale)
        image = writer._add_object(_image(picture, width, height))
        draw = DecodedStreamObject()
        draw.set_data(f"q {width * scale:.3f} 0 0 {height * scale:.3f} 0 0 cm /P Do Q".encode())
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject("/P"): image})}
        )
        page[NameObject("/Contents")] = writer._add_object(draw)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _image(picture: bytes, width: int, height: int) -> StreamObject:
    image = StreamObject()
    image._data = picture
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(width),
            NameObject("/Height"): NumberObject(height),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    return image
