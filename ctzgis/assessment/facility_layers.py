"""Facilities that a user gave, as layers of an assessment (用户设施图层)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.assessment.needs import facility_name
from ctzgis.texts import printable

if TYPE_CHECKING:
    from ctzgis.assessment.case import Case

__all__ = ["facility_layers"]

_FACILITIES: Final = "facilities_"
"""How the names of these layers start; the kind follows."""

_NAMES: Final = {
    "name_zh": ("name_zh", "name", "名称", "NAME", "Name"),
    "name_en": ("name_en",),
}
_MOST_CHARACTERS: Final = 80


def facility_layers(case: "Case") -> dict[str, gpd.GeoDataFrame]:
    """
    Return the facilities of each kind that lie about the region.

    Names are kept and other fields left out: a stranger's fields may be called
    anything, even what a GeoPackage cannot hold, and the file they came from has them.
    """
    if not case.facilities:
        return {}
    about = shapely.box(*case.plan.counties.total_bounds)
    return {
        f"{_FACILITIES}{kind}": _named(frame, about, kind)
        for kind, frame in case.facilities.items()
    }


def _named(
    frame: gpd.GeoDataFrame, about: shapely.Geometry, kind: str
) -> gpd.GeoDataFrame:
    """Return names and places; what has no name is called by its kind."""
    shapes = np.asarray(frame.geometry.array)
    rows = np.flatnonzero(shapely.intersects(shapes, about))
    kept, called = frame.iloc[rows], facility_name(kind)
    zh, en = (_texts(kept, _NAMES[key]) for key in ("name_zh", "name_en"))
    pairs = [
        (a or b or called.zh, b or a or called.en) for a, b in zip(zh, en, strict=True)
    ]
    columns = {"name_zh": [a for a, _ in pairs], "name_en": [b for _, b in pairs]}
    return gpd.GeoDataFrame(columns, geometry=shapes[rows], crs=frame.crs)


def _texts(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> list[str]:
    """Return the texts of the first of some columns that there is; empty for none."""
    found = next((name for name in names if name in frame.columns), None)
    if found is None:
        return [""] * len(frame)
    return [
        printable(text).strip()[:_MOST_CHARACTERS] if isinstance(text, str) else ""
        for text in frame[found]
    ]
