"""A whole plan in one file, there and back: JSON, GeoPackage; Excel to read (规划导出)."""

import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import InputError, PlanError, SourceError
from ctzgis.sources.formats.files import file_source, read_text
from ctzgis.sources.formats.vector import careful_reading, read_vector
from ctzgis.sources.formats.wholeness import require_plain, require_whole
from ctzgis.sources.plans.codec import decode, encode
from ctzgis.sources.plans.entries import Entry, entries_in
from ctzgis.sources.plans.layers import LAYERS, checked_layer
from ctzgis.tables import safe_cells
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ctzgis.plan import Plan, Shape

__all__ = ["read_plan_file", "write_plan"]

_FORMAT: Final = "ctzgis-plan-1"
_WIDEST: Final = 60
_TABLE: Final = "plan_entries"
_FRAMES: Final = ("counties", "protected", "built_up", "water")


def write_plan(plan: "Plan", path: Path | str) -> None:
    """
    Write a plan into one file; ``.json`` and ``.gpkg`` lose nothing.

    Parameters
    ----------
    plan
        What to write.
    path
        ``.json`` (entries as in the topic files, geometry as GeoJSON in the plan's
        CRS), ``.gpkg`` (a layer for each kind of geometry, and the entries as a table)
        or ``.xlsx`` (a sheet for each topic, to read and print; extra ``xlsx``).

    Raises
    ------
    InputError
        If the ending is none of these, or the extra is missing.
    SourceError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ctzgis import read_plan, write_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     write_plan(read_plan("gridville"), path)
    ...     read_plan(path)
    <Plan gridville: 1 documents, 3 elements, 1 corridors, 5 places, 4 targets>
    """
    path = Path(path)
    writers = {".json": _write_json, ".gpkg": _write_gpkg, ".xlsx": _write_xlsx}
    if path.suffix.lower() not in writers:
        msg = f"{path.name} ends in '{path.suffix}'; {', '.join(writers)} is expected"
        raise InputError(msg)
    if writers[path.suffix.lower()] is _write_xlsx:
        _require_xlsx(path)
    with written_whole(path) as part:
        try:
            writers[path.suffix.lower()](plan, part)
        except RuntimeError as error:  # GDAL's way to say that a file is not writable
            msg = f"cannot write {path}: {error}"
            raise SourceError(msg) from error


def read_plan_file(path: Path) -> "Plan":
    """
    Read a plan back from a file that :func:`write_plan` wrote.

    Raises
    ------
    SourceError
        If the file cannot be read.
    PlanError
        If it is no plan, or an entry in it is wrong.
    """
    from ctzgis.sources.plans.folders import TOPICS, Head, assemble

    read = _from_gpkg if path.suffix.lower() == ".gpkg" else _from_json
    raw, found = read(path)
    head = decode(Head, Entry(path.name, _mapping(path, raw, "head"), "the head"))
    topics = {
        topic: entries_in(entries, f"{path.name}: {topic}")
        for topic, entries in _mapping(path, raw, "topics").items()
    }
    if unknown := [*(set(topics) - set(TOPICS)), *(set(found) - set(LAYERS))]:
        msg = f"{path.name}: no plan has {', '.join(map(repr, sorted(unknown)))}"
        raise PlanError(msg)
    layers = {
        name: checked_layer(name, layer, f"{path.name}: {name}")
        for name, layer in found.items()
    }
    if "counties" not in layers:
        msg = f"{path.name} has no layer 'counties', which a plan needs"
        raise PlanError(msg)
    return assemble(head, topics, layers, (file_source(path),), courses={})


def _mapping(path: Path, raw: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found = raw[part]
    if not isinstance(found, Mapping):
        msg = f"{path.name}: '{part}' is {found!r}; a mapping is expected"
        raise PlanError(msg)
    return found


def entries_of(plan: "Plan") -> dict[str, list[dict[str, Any]]]:
    """Return every entry of a plan as the topic files hold it, by topic."""
    return {
        topic: [encode(entry) for entry in entries]
        for topic, entries in plan.parts().items()
        if entries
    }


def layers_of(plan: "Plan") -> "dict[str, gpd.GeoDataFrame]":
    """Return all geometry of a plan by layer, as :func:`read_plan` reads it."""
    layers = {
        "structure": _shape_layer(
            plan, "element_id", ((e.id, e.shapes) for e in plan.structure)
        ),
        "extents": _shape_layer(
            plan, "extent_id", ((e.id, (e.shape,)) for e in plan.extents if e.shape)
        ),
        "corridors": _shape_layer(
            plan, "corridor_id", ((c.id, c.shapes) for c in plan.corridors)
        ),
    }
    for name in _FRAMES:
        layers[name] = getattr(plan, name).reset_index()
    return {name: layer for name, layer in layers.items() if len(layer)}


def _shape_layer(
    plan: "Plan", key: str, shapes: "Iterable[tuple[str, tuple[Shape, ...]]]"
) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pandas as pd

    rows = [
        {
            key: owner,
            "role": shape.role,
            "half_width_m": shape.half_width_m,
            "drawn_to_stated_area": shape.drawn_to_stated_area,
            "accuracy_m": shape.accuracy_m,
            "schematic": shape.schematic,
            "source": shape.source,
            "geometry": shape.geometry,
        }
        for owner, parts in shapes
        for shape in parts
    ]
    columns = [key, "geometry"]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=plan.crs)


def _head_of(plan: "Plan") -> dict[str, Any]:
    return {
        "id": plan.id,
        "name_zh": plan.name.zh,
        "name_en": plan.name.en,
        "centres": list(plan.centres),
        "central_areas": list(plan.central_areas),
        "geometry": {},
    }


def _write_json(plan: "Plan", path: Path) -> None:
    content = {
        "format": _FORMAT,
        "crs": plan.crs,
        "head": _head_of(plan),
        "topics": entries_of(plan),
        "layers": {
            name: json.loads(layer.to_json(drop_id=True, na="null"))["features"]
            for name, layer in layers_of(plan).items()
        },
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def _from_json(path: Path) -> "tuple[dict[str, Any], dict[str, gpd.GeoDataFrame]]":
    import geopandas as gpd
    import pyproj
    import shapely

    text = read_text(path)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path.name} is not valid JSON: {error}"
        raise PlanError(msg) from error
    _require_format(path, raw)
    layers = {}
    for name, features in _mapping(path, raw, "layers").items():
        try:
            with np.errstate(
                invalid="ignore"
            ):  # the contracts tell of what is no number
                layers[name] = (
                    gpd.GeoDataFrame.from_features(features, crs=raw["crs"])
                    if features
                    else gpd.GeoDataFrame(geometry=[], crs=raw["crs"])
                )
        except (
            *(KeyError, TypeError, AttributeError, ValueError),
            *(shapely.errors.ShapelyError, pyproj.exceptions.CRSError),
        ) as error:
            msg = (
                f"{path.name}: geometry of {name} cannot be read: "
                f"{type(error).__name__}: {error}"
            )
            raise PlanError(msg) from error
    return raw, layers


def _require_format(path: Path, raw: Any) -> None:
    found = raw.get("format") if isinstance(raw, Mapping) else None
    if found != _FORMAT:
        msg = f"{path.name} is no plan: format is {found!r}, '{_FORMAT}' is expected"
        raise PlanError(msg)
    missing = [part for part in ("crs", "head", "topics", "layers") if part not in raw]
    if missing:
        msg = f"{path.name}: {', '.join(map(repr, missing))} is missing"
        raise PlanError(msg)


def _write_gpkg(plan: "Plan", path: Path) -> None:
    import pyogrio

    for name, layer in layers_of(plan).items():
        # A line that becomes a bundle of one line is another geometry.
        layer.to_file(path, layer=name, driver="GPKG", promote_to_multi=False)
    pyogrio.write_dataframe(_entry_table(plan), path, layer=_TABLE, driver="GPKG")


def _entry_table(plan: "Plan") -> "pd.DataFrame":
    import pandas as pd

    rows = [("head", plan.id, json.dumps(_head_of(plan), ensure_ascii=False))]
    for topic, entries in entries_of(plan).items():
        rows += [(topic, e["id"], json.dumps(e, ensure_ascii=False)) for e in entries]
    return pd.DataFrame(rows, columns=["topic", "entry_id", "entry"])


def _from_gpkg(path: Path) -> "tuple[dict[str, Any], dict[str, gpd.GeoDataFrame]]":
    import pyogrio

    require_plain(path)
    require_whole(path)
    with careful_reading(path):
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if _TABLE not in names:
            msg = f"{path.name} is no plan: it has no table '{_TABLE}'"
            raise PlanError(msg)
        table = pyogrio.read_dataframe(path, layer=_TABLE)
    layers = {
        name: read_vector(path, layer=name).frame for name in LAYERS if name in names
    }
    topics: dict[str, list[Any]] = {"head": [{}]}
    try:
        for topic, text in zip(table["topic"], table["entry"], strict=True):
            topics.setdefault(topic, []).append(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path.name}: table '{_TABLE}' cannot be read: {error}"
        raise PlanError(msg) from error
    return {"head": topics.pop("head")[-1], "topics": topics}, layers


def _require_xlsx(path: Path) -> None:
    if importlib.util.find_spec("openpyxl") is None:
        msg = f"{path.name} needs a writer that is missing: pip install 'ctzgis[xlsx]'"
        raise SourceError(msg)


def _write_xlsx(plan: "Plan", path: Path) -> None:
    import pandas as pd

    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for topic, entries in entries_of(plan).items():
            rows = [
                {key: _cell(value) for key, value in entry.items()} for entry in entries
            ]
            safe_cells(pd.DataFrame(rows)).to_excel(book, sheet_name=topic, index=False)
            sheet = book.sheets[topic]
            sheet.freeze_panes = "B2"
            for column in sheet.columns:
                longest = max(len(str(cell.value or "")) for cell in column)
                letter = column[0].column_letter
                sheet.column_dimensions[letter].width = min(longest + 2, _WIDEST)


def _cell(value: Any) -> Any:
    """Write what a cell cannot hold as text: citations short, the rest as JSON."""
    if isinstance(value, Mapping) and set(value) == {"document", "place"}:
        return f"{value['document']}, {value['place']}"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, (Mapping, list)):
        return json.dumps(value, ensure_ascii=False)
    return value
