"""Parts of a plan as frames with geometry (规划图层)."""

import math
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from ctzgis.errors import PlanError

if TYPE_CHECKING:
    from ctzgis.plan.corridors import Corridor
    from ctzgis.plan.plan import Plan
    from ctzgis.plan.structure import Element, Extent, Shape

__all__ = ["frame_of"]

_OF_PLACES: Final = ("places", "centres")
_PLACE_COLUMNS: Final = (
    *("id", "name_zh", "name_en", "kind", "city_zh", "county_zh"),
    *("accuracy_m", "verified", "source", "geometry"),
)
_SHAPE_COLUMNS: Final = (
    *("id", "name_zh", "name_en", "kind"),
    *("role", "accuracy_m", "schematic", "source", "geometry"),
)


def frame_of(plan: "Plan", part: str) -> gpd.GeoDataFrame:
    """Return a part of a plan as a frame; see :meth:`Plan.to_gdf`."""
    if part in _OF_PLACES:
        places = plan.places if part == "places" else map(plan.place, plan.centres)
        rows = [_place_row(place) for place in places]
    elif part == "structure":
        rows = [r for e in plan.structure for r in _shape_rows(e, e.kind, e.shapes)]
    elif part == "corridors":
        rows = [r for c in plan.corridors for r in _shape_rows(c, c.mode, c.shapes)]
    elif part == "extents":
        rows = [
            r
            for e in plan.extents
            for r in _shape_rows(e, "extent", (e.shape,) if e.shape else ())
        ]
    else:
        msg = (
            f"part is '{part}'; places, centres, structure, corridors or extents is "
            "expected"
        )
        raise PlanError(msg)
    columns = _PLACE_COLUMNS if part in _OF_PLACES else _SHAPE_COLUMNS
    table = pd.DataFrame(rows, columns=columns).set_index("id")
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=plan.crs)
    frame["located"] = frame.geometry.notna()
    return frame


def _place_row(place: Any) -> dict[str, Any]:
    at = place.location
    return {
        "id": place.id,
        "name_zh": place.name.zh,
        "name_en": place.name.en,
        "kind": place.kind,
        "city_zh": place.city_zh,
        "county_zh": place.county_zh,
        "accuracy_m": at.accuracy_m if at else math.nan,
        "verified": bool(at and at.verified),
        "source": at.source if at else "",
        "geometry": at.point if at else None,
    }


def _shape_rows(
    entry: "Element | Corridor | Extent", kind: str, shapes: "tuple[Shape, ...]"
) -> list[dict[str, Any]]:
    base = {
        "id": entry.id,
        "name_zh": entry.name.zh,
        "name_en": entry.name.en,
        "kind": kind,
    }
    if not shapes:
        nothing = {"role": "", "accuracy_m": math.nan, "schematic": False, "source": ""}
        return [{**base, **nothing, "geometry": None}]
    return [
        {
            **base,
            "role": shape.role,
            "accuracy_m": shape.accuracy_m,
            "schematic": shape.schematic,
            "source": shape.source,
            "geometry": shape.geometry,
        }
        for shape in shapes
    ]
