"""Vector files of any format, bounded, with Chinese texts as they were meant (矢量文件)."""

import io
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import InputError, SourceError, fail_for_extra
from ctzgis.sources.formats.archives import MAX_UNZIPPED_BYTES, unpacked
from ctzgis.sources.formats.encodings import Encoding, dbf_texts, decoded, encoding_of
from ctzgis.sources.formats.files import require_file
from ctzgis.sources.formats.wholeness import require_json, require_plain, require_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

__all__ = ["VectorLayer", "careful_reading", "read_vector"]

_PARQUET: Final = (".parquet", ".geoparquet")
_GEOJSON: Final = (".geojson", ".json")
_GDAL_WARNINGS: Final = ("Could not parse column", "Non closed ring")
_SHOWN: Final = 3

_MAX_JSON_BYTES: Final = 2**30
_MAX_FEATURES: Final = 20_000_000
_MAX_VERTICES: Final = 200_000_000
_SAMPLE_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class VectorLayer:
    """
    A layer as it stands in its file.

    Attributes
    ----------
    frame
        Its rows.
    encoding
        Encoding of its texts and how it was found; empty if the format has its own.
    notes
        Which layer of several was read, and what was noticed.
    """

    frame: "gpd.GeoDataFrame"
    encoding: str = ""
    notes: tuple[str, ...] = ()


def read_vector(
    path: Path, *, layer: str | None = None, encoding: str | None = None
) -> VectorLayer:
    """
    Read a vector file as it is.

    Parameters
    ----------
    path
        GeoPackage, Shapefile (also zipped), FileGDB, GeoJSON, GeoParquet, ….
    layer
        Which layer of several; the first if not given.
    encoding
        Encoding of a Shapefile's texts; found if not given: UTF-8 where the texts can be
        read in it, else the ``.cpg``'s, else GB18030.

    Raises
    ------
    SourceError
        If the file is missing, damaged or of no known format.
    InputError
        If it has no geometry, no such layer, or is too large.
    """
    require_file(path)
    suffix = path.suffix.lower()
    require_plain(path)
    if suffix == ".zip":
        return _read_zipped(path, layer, encoding)
    require_whole(path)
    with careful_reading(path) as heard:
        if suffix in _PARQUET:
            found = VectorLayer(_read_parquet(path))
        elif suffix in _GEOJSON:
            found = _read_geojson(path, layer)
        else:
            found = _read_gdal(path, layer, encoding)
    _require_geometry(found.frame, path)
    said = dict.fromkeys(" ".join(str(w.message).split()) for w in heard)
    notes = tuple(f"GDAL warns: {text[:200]}" for text in list(said)[:_SHOWN])
    return replace(found, notes=(*found.notes, *notes))


@contextmanager
def careful_reading(path: Path) -> "Iterator[list[warnings.WarningMessage]]":
    """
    Turn what GDAL and Arrow raise into ``SourceError``; give what they warn of.

    Raises
    ------
    SourceError
        If the file is damaged, or its reader is not installed.
    """
    try:
        # Undefined coordinates, texts among numbers and open rings are told by the
        # contracts and errors elsewhere.
        with (
            np.errstate(invalid="ignore"),
            warnings.catch_warnings(record=True) as heard,
        ):
            warnings.simplefilter("always")
            for message in _GDAL_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            yield heard
    except ImportError:
        fail_for_extra(f"{path.name} needs a reader", "parquet")
    except (InputError, SourceError):
        raise
    except _reading_errors() as error:
        msg = f"{path} cannot be read as a vector layer: {error}"
        raise SourceError(msg) from error


def _reading_errors() -> tuple[type[Exception], ...]:
    import pyogrio.errors
    import shapely.errors

    return (
        OSError,
        ValueError,
        RuntimeError,
        # pyogrio's own, of layers without geometry and of .prj files in no encoding.
        IndexError,
        UnboundLocalError,
        MemoryError,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        shapely.errors.ShapelyError,
    )


def _require_geometry(frame: Any, path: Path) -> None:
    import geopandas as gpd
    import shapely

    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{path} has no geometry; a vector layer is expected"
        raise InputError(msg)
    vertices = int(shapely.get_num_coordinates(np.asarray(frame.geometry.array)).sum())
    if vertices > _MAX_VERTICES:
        msg = f"{path.name} has {vertices:,} vertices; {_MAX_VERTICES:,} are the most"
        raise InputError(msg)


def _read_parquet(path: Path) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pyarrow as pa

    try:
        _require_small_parquet(path)
        frame = gpd.read_parquet(path, page_checksum_verification=True)
        for _, column in frame.select_dtypes("string").items():
            # Else texts that are none show only where they are looked at.
            pa.array(column.array).validate(full=True)
    except (pa.ArrowException, KeyError, TypeError, AttributeError) as error:
        # Damaged metadata show as errors of any of these kinds.
        msg = f"{path} cannot be read as GeoParquet: {error}"
        raise SourceError(msg) from error
    return frame


def _require_small_parquet(path: Path) -> None:
    import pyarrow.parquet as pq

    told = pq.read_metadata(path)
    size = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
    if told.num_rows > _MAX_FEATURES or size > MAX_UNZIPPED_BYTES:
        msg = (
            f"{path.name} has {told.num_rows:,} rows of {size / 2**30:.0f} GiB; "
            f"{_MAX_FEATURES:,} and {MAX_UNZIPPED_BYTES // 2**30} GiB are the most"
        )
        raise InputError(msg)


def _read_geojson(path: Path, layer: str | None) -> VectorLayer:
    """Read GeoJSON, which is UTF-8 by its standard but not always in fact."""
    import geopandas as gpd

    if path.stat().st_size > _MAX_JSON_BYTES:
        msg = (
            f"{path.name} is larger than {_MAX_JSON_BYTES // 2**30} GiB; use GeoPackage"
        )
        raise InputError(msg)
    content = path.read_bytes()
    require_json(content, path)
    found = ""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = encoding_of([content])
        found, content = str(encoding), decoded(content, encoding.name).encode()
    _require_few_features(io.BytesIO(content), layer, path)
    return VectorLayer(gpd.read_file(io.BytesIO(content), layer=layer), found)


def _read_gdal(path: Path, layer: str | None, encoding: str | None) -> VectorLayer:
    import geopandas as gpd
    import pyogrio

    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if layer is not None and layer not in names:
        msg = f"{path.name} has no layer '{layer}'; it has {', '.join(names[:9])}"
        raise InputError(msg)
    chosen = layer or (names[0] if names else None)
    notes: tuple[str, ...] = ()
    if len(names) > 1:
        others = ", ".join(name for name in names if name != chosen)
        notes = (f"layer '{chosen}' read; left out: {others}",)
    _require_few_features(path, chosen, path)
    texts = _shapefile_texts(path, chosen)
    if texts is None:
        return VectorLayer(gpd.read_file(path, layer=chosen), notes=notes)
    found = encoding_of(*texts) if encoding is None else Encoding(encoding, "given")
    try:
        frame = gpd.read_file(path, layer=chosen, encoding=found.name)
    except UnicodeDecodeError:
        frame = gpd.read_file(path, layer=chosen, encoding="ISO-8859-1")
        frame = _redecoded(frame, found.name)
        notes = (*notes, "some texts are cut off or damaged: they end early or hold �")
    return VectorLayer(frame, str(found), notes)


def _require_few_features(file: Any, layer: str | None, path: Path) -> None:
    import pyogrio

    info = pyogrio.read_info(file, layer=layer, encoding="ISO-8859-1")
    if hasattr(file, "seek"):
        file.seek(0)
    if info["features"] > _MAX_FEATURES:
        msg = f"{path.name} has {info['features']:,} features; {_MAX_FEATURES:,} are the most"
        raise InputError(msg)


def _redecoded(frame: "gpd.GeoDataFrame", encoding: str) -> "gpd.GeoDataFrame":
    def meant(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        return decoded(text.encode("iso-8859-1"), encoding)

    texts: pd.DataFrame = frame.drop(columns=frame.geometry.name)
    fixed = {
        str(name): column.map(meant, na_action="ignore")
        for name, column in texts.select_dtypes(exclude="number").items()
    }
    return frame.assign(**fixed).rename(columns=meant)


def _shapefile_texts(
    path: Path, layer: str | None
) -> tuple[list[bytes], str | None] | None:
    """Return the beginning of a Shapefile's texts and what its ``.cpg`` says of them."""
    if path.suffix.lower() == ".shp":
        base = path.with_suffix("")
    elif path.is_dir() and path.suffix.lower() != ".gdb":
        base = path / (layer or "")
    else:
        return None
    dbf, cpg = (_beginning(base, end) for end in (".dbf", ".cpg"))
    return dbf_texts(dbf), cpg.decode("ascii", "ignore") or None


def _beginning(base: Path, ending: str) -> bytes:
    for path in (Path(f"{base}{ending}"), Path(f"{base}{ending.upper()}")):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(_SAMPLE_BYTES)
    return b""


def _read_zipped(path: Path, layer: str | None, encoding: str | None) -> VectorLayer:
    """Read a layer of an archive, from wherever in it and under whatever name."""
    with unpacked(path, layer) as found:
        inner = found.path
        within = None if found.named else layer
        try:
            read = read_vector(inner, layer=within, encoding=encoding)
        except (InputError, SourceError) as error:
            stem = found.member.removesuffix(inner.suffix)
            told = re.sub(
                rf"{re.escape(str(inner.with_suffix('')))}(\.\w+)",
                lambda match: f"{path} ({stem}{match[1]})",
                str(error),
            )
            raise type(error)(told.replace(inner.name, found.member)) from error
    others = ", ".join(found.others)
    note = (f"'{found.member}' read; left out: {others}",) if others else ()
    return VectorLayer(read.frame, read.encoding, (*note, *read.notes))
