"""Vector files of any format, bounded, with Chinese texts as they were meant (矢量文件)."""

import io
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import InputError, SourceError
from ctzgis.sources.encodings import Encoding, dbf_texts, decoded, encoding_of
from ctzgis.sources.files import require_file

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["VectorLayer", "read_vector", "require_safe_zip"]

_PARQUET: Final = (".parquet", ".geoparquet")
_GEOJSON: Final = (".geojson", ".json")
_GDAL_WARNINGS: Final = ("Could not parse column", "Non closed ring")

_MAX_JSON_BYTES: Final = 2**30
_MAX_FEATURES: Final = 20_000_000
_MAX_VERTICES: Final = 200_000_000
_MAX_MEMBERS: Final = 10_000
_MAX_UNZIPPED_BYTES: Final = 8 * 2**30
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
    if suffix == ".zip":
        require_safe_zip(path)
    try:
        # Undefined coordinates, texts among numbers and open rings are told by the
        # contracts and errors elsewhere, not by warnings.
        with np.errstate(invalid="ignore"), warnings.catch_warnings():
            for message in _GDAL_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            if suffix in _PARQUET:
                found = VectorLayer(_read_parquet(path))
            elif suffix in _GEOJSON:
                found = _read_geojson(path, layer)
            else:
                found = _read_gdal(path, layer, encoding)
    except ImportError as error:
        msg = (
            f"{path.name} needs a reader that is missing: pip install 'ctzgis[parquet]'"
        )
        raise SourceError(msg) from error
    except (InputError, SourceError):
        raise
    except _reading_errors() as error:
        msg = f"{path} cannot be read as a vector layer: {error}"
        raise SourceError(msg) from error
    _require_geometry(found.frame, path)
    return found


def _reading_errors() -> tuple[type[Exception], ...]:
    import pyogrio.errors
    import shapely.errors

    return (
        OSError,
        ValueError,
        RuntimeError,
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
        return gpd.read_parquet(path)
    except (pa.ArrowException, KeyError, TypeError, AttributeError) as error:
        # Damaged metadata show as errors of any of these kinds.
        msg = f"{path} cannot be read as GeoParquet: {error}"
        raise SourceError(msg) from error


def _read_geojson(path: Path, layer: str | None) -> VectorLayer:
    """Read GeoJSON, which is UTF-8 by its standard but not always in fact."""
    import geopandas as gpd

    if path.stat().st_size > _MAX_JSON_BYTES:
        msg = (
            f"{path.name} is larger than {_MAX_JSON_BYTES // 2**30} GiB; use GeoPackage"
        )
        raise InputError(msg)
    content = path.read_bytes()
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
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            parts = {name.lower(): name for name in archive.namelist()}
            stems = [name[:-4] for name in parts if name.endswith(".shp")]
            named = [s for s in stems if PurePosixPath(s).name == (layer or "").lower()]
            if not stems:
                return None
            stem = (named or stems)[0]
            dbf, cpg = (
                archive.open(parts[stem + end]).read(_SAMPLE_BYTES)
                if stem + end in parts
                else b""
                for end in (".dbf", ".cpg")
            )
    elif suffix == ".shp" or (path.is_dir() and suffix != ".gdb"):
        base = path.with_suffix("") if suffix == ".shp" else path / (layer or "")
        dbf, cpg = (_beginning(base, end) for end in (".dbf", ".cpg"))
    else:
        return None
    return dbf_texts(dbf), cpg.decode("ascii", "ignore") or None


def _beginning(base: Path, ending: str) -> bytes:
    for path in (Path(f"{base}{ending}"), Path(f"{base}{ending.upper()}")):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(_SAMPLE_BYTES)
    return b""


def require_safe_zip(path: Path) -> None:
    """
    Refuse an archive that is damaged, too large, or reaches out of its folder.

    Raises
    ------
    SourceError
        If it is no whole zip file.
    InputError
        If it has more than 10,000 members, more than 8 GiB unpacked, or a member with an
        absolute path or one with ``..``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        msg = f"{path} cannot be read as a zip archive: {error}"
        raise SourceError(msg) from error
    if len(members) > _MAX_MEMBERS:
        msg = f"{path.name} has {len(members):,} members; {_MAX_MEMBERS:,} are the most"
        raise InputError(msg)
    size = sum(member.file_size for member in members)
    if size > _MAX_UNZIPPED_BYTES:
        limit = _MAX_UNZIPPED_BYTES // 2**30
        msg = f"{path.name} unpacks to {size / 2**30:.0f} GiB; {limit} GiB are the most"
        raise InputError(msg)
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
            msg = f"{path.name} has a member that leaves its folder: {name[:80]!r}"
            raise InputError(msg)
