"""Virtual rasters (VRT), held to files that lie on disk and are rasters (虚拟栅格)."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

from ctzgis.errors import InputError, SourceError
from ctzgis.sources.formats.files import read_text

__all__ = ["require_plain_mosaic"]

# Elements of a mosaic, in small letters, as GDAL reads them in any. Others warp, compute
# with code of their own, or ask hosts.
_KNOWN: Final = frozenset(
    (
        "vrtdataset", "srs", "geotransform", "gcplist", "gcp", "metadata", "mdi",
        "vrtrasterband", "description", "unittype", "offset", "scale", "nodatavalue",
        "hidenodatavalue", "colorinterp", "colortable", "entry", "categorynames",
        "category", "histograms", "histitem", "histmin", "histmax", "bucketcount",
        "includeoutofrange", "approximate", "histcounts", "simplesource",
        "complexsource", "sourcefilename", "sourceband", "sourceproperties", "srcrect",
        "dstrect", "nodata", "scaleoffset", "scaleratio", "lut", "colortablecomponent",
        "usemaskband", "blockxsize", "blockysize", "openoptions", "ooi", "overviewlist",
    )
)  # fmt: skip
_RASTERS: Final = (
    b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"EHFA_HEADER_TAG", b"ncols", b"nrows",
)  # fmt: skip
_HEAD_BYTES: Final = 16


def require_plain_mosaic(path: Path) -> None:
    """
    Refuse a VRT that does more than lay GeoTIFF, Erdas or ASCII files side by side.

    Raises
    ------
    SourceError
        If it is no VRT, or a file it names is missing.
    InputError
        If it has other parts than a mosaic, or names what is no raster in a file.
    """
    text = read_text(path)
    # Entities, and what two readers of XML might read in two ways.
    if "<!" in text:
        msg = f"{path.name} holds '<!' (a declaration or comment); take it out"
        raise InputError(msg)
    try:
        parts = list(ET.fromstring(text).iter())
    except (ET.ParseError, ValueError, RecursionError) as error:
        msg = f"{path} cannot be read as a VRT: {error}"
        raise SourceError(msg) from error
    for part in parts:
        name = part.tag.lower()
        derived = any(key.lower() == "subclass" for key in part.attrib)
        if name not in _KNOWN or derived:
            found = part.attrib.get("subClass", part.tag)
            msg = f"{path.name} holds '{found}'; only mosaics of files are read"
            raise InputError(msg)
        if name == "sourcefilename":
            _require_raster(part, path)


def _require_raster(part: ET.Element, path: Path) -> None:
    attributes = {key.lower(): value for key, value in part.attrib.items()}
    name = (part.text or "").strip()
    beside = attributes.get("relativetovrt", "0")
    file = path.parent / name if beside == "1" else Path(name)
    known = beside in ("0", "1") and name and "\0" not in name
    if not known or name.startswith("/vsi") or "://" in name or not _is_file(file):
        msg = f"{path.name} names {name[:80]!r}, which is no file"
        raise InputError(msg)
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.lower().startswith(tuple(kind.lower() for kind in _RASTERS)):
        msg = f"{path.name} names {name[:80]!r}, which is no GeoTIFF, Erdas or ASCII raster"
        raise InputError(msg)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # e.g. a name that is too long
        return False
