"""Office documents put together by hand, each one page that the drawn scene fills: what a reader needs and no more.

OOXML by ECMA-376, OpenDocument 1.2 by ISO/IEC 26300, RTF 1.9.1.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.samples.scene import Sample, saved, scene
from watermark.outside.office import ENDINGS

MEDIA_TYPES = {ending: media_type for media_type, ending in ENDINGS.items()}
WIDTH, HEIGHT = 480, 320
"""Points (1/72 inch) of the page and of the picture on it."""
A4, SHOW = (842, 595), (794, 446)
"""A sheet of cells is cut between cells, not where a picture ends; and a show's page is LibreOffice's own here."""
EMU = 12700
"""A point in the unit of OOXML's drawings."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/"
_RELATED = _MAIN + "officeDocument/2006/relationships"
_DRAWING = _MAIN + "drawingml/2006/"
_BLIP = '<{p}:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></{p}:blipFill>'
_SHAPE = '<{p}:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{x}" cy="{y}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></{p}:spPr>'


@cache
def office() -> list[Sample]:
    """One of each kind that is shown where LibreOffice is there."""
    made = {"docx": docx(), "xlsx": xlsx(), "pptx": pptx(), "rtf": rtf()}
    made |= {ending: open_document(ending) for ending in ("odt", "ods", "odp")}
    drawn = {**dict.fromkeys(made, scene(960, 640)), "xlsx": on_sheet(A4), "ods": on_sheet(A4), "odp": on_sheet(SHOW)}
    return [
        Sample(ending.upper(), f"page.{ending}", content, MEDIA_TYPES[ending], drawn[ending], 0.9)
        for ending, content in made.items()
    ]


def docx() -> bytes:
    x, y = WIDTH * EMU, HEIGHT * EMU
    picture = (
        f'<pic:pic xmlns:pic="{_DRAWING}picture"><pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>'
        f"{_BLIP.format(p='pic')}{_SHAPE.format(p='pic', x=x, y=y)}</pic:pic>"
    )
    place = "".join(
        f'<wp:position{axis} relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:position{axis}>' for axis in "HV"
    )
    anchor = (
        '<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="1" locked="0" '
        f'layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>{place}<wp:extent cx="{x}" cy="{y}"/><wp:wrapNone/>'
        f'<wp:docPr id="1" name="a"/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_DRAWING}picture">{picture}'
        "</a:graphicData></a:graphic></wp:anchor>"
    )
    edges = " ".join(f'w:{edge}="0"' for edge in ("top", "right", "bottom", "left", "header", "footer", "gutter"))
    page = (
        f'<w:sectPr><w:pgSz w:w="{WIDTH * 20}" w:h="{HEIGHT * 20}" w:orient="landscape"/><w:pgMar {edges}/></w:sectPr>'
    )
    names = f'xmlns:wp="{_DRAWING}wordprocessingDrawing" xmlns:a="{_DRAWING}main" xmlns:r="{_RELATED}"'
    body = f'<w:document xmlns:w="{_MAIN}wordprocessingml/2006/main" {names}><w:body><w:p><w:r><w:drawing>{anchor}</w:drawing></w:r></w:p>{page}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _open_xml(
        "word/document.xml", kind, body, {"word/_rels/document.xml.rels": _rels(rId1=("image", "../picture.png"))}
    )


def xlsx() -> bytes:
    x, y = WIDTH * EMU, HEIGHT * EMU
    kind = "application/vnd.openxmlformats-officedocument."
    sheets = _MAIN + "spreadsheetml/2006/main"
    picture = (
        f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" name="a"/><xdr:cNvPicPr/></xdr:nvPicPr>{_BLIP.format(p="xdr")}'
        f"{_SHAPE.format(p='xdr', x=x, y=y)}</xdr:pic>"
    )
    drawing = (
        f'<xdr:wsDr xmlns:xdr="{_DRAWING}spreadsheetDrawing" xmlns:a="{_DRAWING}main" xmlns:r="{_RELATED}"><xdr:absoluteAnchor>'
        f'<xdr:pos x="0" y="0"/><xdr:ext cx="{x}" cy="{y}"/>{picture}<xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>'
    )
    edges = " ".join(f'{edge}="0"' for edge in ("left", "right", "top", "bottom", "header", "footer"))
    sheet = (
        f'<worksheet xmlns="{sheets}" xmlns:r="{_RELATED}"><sheetData/><pageMargins {edges}/>'
        '<pageSetup paperSize="9" orientation="landscape"/><drawing r:id="rId1"/></worksheet>'
    )
    book = f'<workbook xmlns="{sheets}" xmlns:r="{_RELATED}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
    parts = {
        "xl/_rels/workbook.xml.rels": _rels(rId1=("worksheet", "sheet.xml")),
        "xl/sheet.xml": sheet,
        "xl/_rels/sheet.xml.rels": _rels(rId1=("drawing", "drawing.xml")),
        "xl/drawing.xml": drawing,
        "xl/_rels/drawing.xml.rels": _rels(rId1=("image", "../picture.png")),
    }
    types = {"/xl/sheet.xml": kind + "spreadsheetml.worksheet+xml", "/xl/drawing.xml": kind + "drawing+xml"}
    return _open_xml("xl/workbook.xml", kind + "spreadsheetml.sheet.main+xml", book, parts, types)


def pptx() -> bytes:
    x, y = WIDTH * EMU, HEIGHT * EMU
    kind = "application/vnd.openxmlformats-officedocument.presentationml."
    names = f'xmlns:p="{_MAIN}presentationml/2006/main" xmlns:a="{_DRAWING}main" xmlns:r="{_RELATED}"'
    group = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    picture = (
        f'<p:pic><p:nvPicPr><p:cNvPr id="2" name="a"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>{_BLIP.format(p="p")}'
        f"{_SHAPE.format(p='p', x=x, y=y)}</p:pic>"
    )

    def tree(name: str, inside: str, more: str = "") -> str:
        return f"<p:{name} {names}><p:cSld><p:spTree>{group}{inside}</p:spTree></p:cSld>{more}</p:{name}>"

    colours = " ".join(
        f'{name}="{name}"'
        for name in ("accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")
    )
    master = f'<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" {colours}/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>'
    show = (
        f'<p:presentation {names}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId2"/></p:sldMasterIdLst><p:sldIdLst>'
        f'<p:sldId id="256" r:id="rId1"/></p:sldIdLst><p:sldSz cx="{x}" cy="{y}"/><p:notesSz cx="{x}" cy="{y}"/></p:presentation>'
    )
    parts = {
        "ppt/_rels/presentation.xml.rels": _rels(rId1=("slide", "slide.xml"), rId2=("slideMaster", "master.xml")),
        "ppt/slide.xml": tree("sld", picture),
        "ppt/_rels/slide.xml.rels": _rels(rId1=("image", "../picture.png"), rId2=("slideLayout", "layout.xml")),
        "ppt/layout.xml": tree("sldLayout", ""),
        "ppt/_rels/layout.xml.rels": _rels(rId1=("slideMaster", "master.xml")),
        "ppt/master.xml": tree("sldMaster", "", master),
        "ppt/_rels/master.xml.rels": _rels(rId1=("slideLayout", "layout.xml")),
    }
    types = {
        f"/ppt/{part}.xml": f"{kind}{name}+xml"
        for part, name in (("slide", "slide"), ("layout", "slideLayout"), ("master", "slideMaster"))
    }
    return _open_xml("ppt/presentation.xml", kind + "presentation.main+xml", show, parts, types)


def open_document(ending: str) -> bytes:
    """A text, a sheet or a show whose page is as large as the picture."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    short = {
        "office": "office",
        "style": "style",
        "text": "text",
        "draw": "drawing",
        "table": "table",
        "manifest": "manifest",
    }
    names = " ".join(f'xmlns:{name}="{space}{full}:1.0"' for name, full in short.items())
    names += f' xmlns:fo="{space}xsl-fo-compatible:1.0" xmlns:svg="{space}svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    anchor = ' text:anchor-type="page" text:anchor-page-number="1"' if ending == "odt" else ""
    frame = (
        f'<draw:frame{anchor} svg:x="0pt" svg:y="0pt" svg:width="{WIDTH}pt" svg:height="{HEIGHT}pt">'
        '<draw:image xlink:href="picture.png" xlink:type="simple"/></draw:frame>'
    )
    body = {
        "odt": f"<office:text>{frame}<text:p/></office:text>",
        "ods": f'<office:spreadsheet><table:table table:name="a" table:style-name="t"><table:shapes>{frame}</table:shapes>'
        "<table:table-row><table:table-cell/></table:table-row></table:table></office:spreadsheet>",
        "odp": f'<office:presentation><draw:page draw:name="a" draw:master-page-name="m">{frame}</draw:page></office:presentation>',
    }[ending]
    width, height = A4 if ending == "ods" else (WIDTH, HEIGHT)
    page = (
        f'<style:page-layout style:name="l"><style:page-layout-properties fo:page-width="{width}pt" fo:page-height="{height}pt" '
        'fo:margin="0pt" fo:margin-top="0pt" fo:margin-bottom="0pt" fo:margin-left="0pt" fo:margin-right="0pt" '
        'style:print-orientation="landscape"/><style:header-style/><style:footer-style/></style:page-layout>'
    )
    master = "Standard" if ending == "odt" else "m"
    off = '<style:header style:display="false"/><style:footer style:display="false"/>' if ending == "ods" else ""
    styles = (
        f'<office:document-styles {names} office:version="1.2"><office:automatic-styles>{page}<style:style style:name="d" style:family="drawing-page"/></office:automatic-styles><office:master-styles>'
        f'<style:master-page style:name="{master}" style:page-layout-name="l" draw:style-name="d">{off}</style:master-page></office:master-styles></office:document-styles>'
    )
    table = '<office:automatic-styles><style:style style:name="t" style:family="table" style:master-page-name="m"/></office:automatic-styles>'
    content = f'<office:document-content {names} office:version="1.2">{table}<office:body>{body}</office:body></office:document-content>'
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (
            ("/", MEDIA_TYPES[ending]),
            ("content.xml", "text/xml"),
            ("styles.xml", "text/xml"),
            ("picture.png", "image/png"),
        )
    )
    parts = {"content.xml": content, "styles.xml": styles}
    parts["META-INF/manifest.xml"] = (
        f'<manifest:manifest xmlns:manifest="{space}manifest:1.0" manifest:version="1.2">{listed}</manifest:manifest>'
    )
    return _packed(parts, MEDIA_TYPES[ending])


def rtf() -> bytes:
    size = f"\\picw{WIDTH}\\pich{HEIGHT}\\picwgoal{WIDTH * 20}\\pichgoal{HEIGHT * 20}"
    page = f"\\paperw{WIDTH * 20}\\paperh{HEIGHT * 20 + 40}\\margl0\\margr0\\margt0\\margb0\\landscape"
    return f"{{\\rtf1\\ansi{page}\\pard\\sa0\\sb0{{\\pict\\pngblip{size}\n{_picture().hex()}}}}}".encode()


def _open_xml(main: str, kind: str, body: str, parts: dict[str, str], types: dict[str, str] | None = None) -> bytes:
    said = "".join(
        f'<Override PartName="{part}" ContentType="{of}"/>' for part, of in {f"/{main}": kind, **(types or {})}.items()
    )
    listed = (
        f'<Types xmlns="{_MAIN}package/2006/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>{said}</Types>'
    )
    return _packed(
        {"[Content_Types].xml": listed, "_rels/.rels": _rels(rId1=("officeDocument", main)), main: body, **parts}
    )


def _rels(**targets: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{_RELATED}/{kind}" Target="{to}"/>' for name, (kind, to) in targets.items()
    )
    return f'<Relationships xmlns="{_MAIN}package/2006/relationships">{inside}</Relationships>'


def _packed(parts: dict[str, str], mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr(zipfile.ZipInfo("mimetype"), mimetype, zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("picture.png"), _picture())
    return out.getvalue()


@cache
def _picture() -> bytes:
    return saved(Image.fromarray(scene(960, 640)), "PNG")


def on_sheet(sheet: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The scene at the top left of a sheet of so many points, two pixels a point."""
    width, height = sheet
    drawn = np.full((2 * height, 2 * width, 3), 255, np.uint8)
    drawn[: 2 * HEIGHT, : 2 * WIDTH] = scene(2 * WIDTH, 2 * HEIGHT)
    return drawn
