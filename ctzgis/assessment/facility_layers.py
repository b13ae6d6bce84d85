"""Facilities that a user gave, as layers of an assessment (用户设施图层)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from ctzgis.assessment.needs import facility_name
from ctzgis.texts import printable

if TYPE_CHECKING:
    import pandas as pd

    from ctzgis.assessment.case import Case

__all__ = ["FACILITIES_OF", "facility_layers"]

FACILITIES_OF: Final = "facilities_"
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
    anything, and the file they came from has them. The built-up areas, which take the
    place of the plan's own, are drawn as those.
    """
    if not case.facilities:
        return {}
    about = shapely.box(*case.plan.counties.total_bounds)
    return {
        f"{FACILITIES_OF}{kind}": _named(frame, about, kind)
        for kind, frame in case.facilities.items()
    }


def _named(
    frame: gpd.GeoDataFrame, about: shapely.Geometry, kind: str
) -> gpd.GeoDataFrame:
    shapes = np.asarray(frame.geometry.array)
    rows = np.flatnonzero(shapely.intersects(shapes, about))
    kept, fallback = frame.iloc[rows], facility_name(kind)
    columns = {
        stem: _texts(kept, names, fallback.zh if stem == "name_zh" else "")
        for stem, names in _NAMES.items()
    }
    return gpd.GeoDataFrame(columns, geometry=shapes[rows], crs=frame.crs)


def _texts(frame: gpd.GeoDataFrame, names: tuple[str, ...], fallback: str) -> Any:
    found = next((name for name in names if name in frame.columns), None)
    if found is None:
        return [fallback] * len(frame)
    column: pd.Series[Any] = frame[found]
    return [
        printable(text).strip()[:_MOST_CHARACTERS] or fallback
        if isinstance(text, str)
        else fallback
        for text in column
    ]
