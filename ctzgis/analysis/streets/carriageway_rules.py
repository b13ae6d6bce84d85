"""Which lines may be carriageways of one road (双线道路归并规则)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.network.engine.cross_sections import Lanes
from ctzgis.tables import STREETS, Column, Table
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.streets.straight_segments import Segments

__all__ = ["DRAWN", "HANDS", "LOOSE_DEG", "CarriagewayRules", "lanes", "reaches_m"]

# By CJJ 37 expressways have two or four carriageways, main and collector roads may, local
# roads (支路) have one. What is no public road is never a carriageway of one.
_DIVIDED: Final = (
    "motorway", "urban_expressway", "trunk", "primary", "secondary", "tertiary",
)  # fmt: skip
_NEVER: Final = ("service", "track", "path", "ferry")

# What names of main and side carriageways add to the name of their road.
_PARTS_OF_A_ROAD: Final = r"[(（]?(?:辅路|辅道|副道|主路|主道|主线)[)）]?$"

_TEXT: Final = Column(kind="text", required=False, nullable=True)
_FLAG: Final = Column(kind="flag", required=False, nullable=True)
DRAWN: Final = Table(
    name="streets",
    columns={
        **STREETS.columns,
        "ref": _TEXT,
        "oneway": _FLAG,
        "roundabout": _FLAG,
        "level": Column(kind="number", required=False, nullable=True),
    },
    geometry=STREETS.geometry,
)

LOOSE_DEG: Final = 45.0
HANDS: Final = {"right": 1, "left": -1, "undirected": 0}

_TOLD: Final = {
    "once": Text("单行辅路计入其道路", "one-way side roads are part of their road"),
    "apart": Text("辅路另计", "side roads are roads of their own"),
    "right": Text("靠右行驶", "traffic on the right"),
    "left": Text("靠左行驶", "traffic on the left"),
    "undirected": Text("绘制方向不定", "lines drawn in no direction"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriagewayRules:
    """
    When lines are carriageways of one road.

    The defaults come from how roads are built, not from a result. A road of four
    carriageways, its main ones with four lanes of 3.75 m, has 48 m between the centre lines
    of its side roads: on each side half a median (1.5 m), 15 m, a verge (4 m) and half of a
    side road (3.5 m). Two-way roads of their own need plots between them, for which there
    is no room within 30 m.

    Attributes
    ----------
    within_m
        Greatest distance of two centre lines of one road, in metres.
    angle_deg
        Greatest angle between them.
    bridge_m
        Longest stretch, such as a junction, along which they may stand at up to 45°.
    unstated_within_m
        Greatest distance where a line does not say whether it is one-way, nor is of a
        class that is built divided; 0 lets no such line pair.
    side_roads
        ``"once"``: one-way side roads (辅路) are part of their road. ``"apart"``: only
        carriageways of one class and one name are of one road, so that the two side roads
        make a road of their own.
    traffic
        The side that traffic keeps to; ``"undirected"`` if lines are not drawn in the
        direction of traffic, so that any two parallel lines are of one road.
    """

    within_m: float = 50.0
    angle_deg: float = 15.0
    bridge_m: float = 50.0
    unstated_within_m: float = 30.0
    side_roads: Literal["once", "apart"] = "once"
    traffic: Literal["right", "left", "undirected"] = "right"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name, low, high in (
            ("within_m", 0, 500),
            ("angle_deg", 0, LOOSE_DEG),
            ("bridge_m", 0, 1_000),
            ("unstated_within_m", 0, 500),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                msg = f"{name} must be from {low} to {high:g}, found {value}"
                raise InputError(msg)
        for name, allowed in (
            ("side_roads", ("once", "apart")),
            ("traffic", tuple(HANDS)),
        ):
            if (value := getattr(self, name)) not in allowed:
                msg = f"{name} must be one of {', '.join(allowed)}, found {value!r}"
                raise InputError(msg)

    @property
    def told(self) -> Text:
        """The rules in words."""
        side, hand = _TOLD[self.side_roads], _TOLD[self.traffic]
        return Text(
            f"相距{self.within_m:g}米以内（未注明单行的{self.unstated_within_m:g}米以内）、"
            f"夹角不超过{self.angle_deg:g}度的线并为一路，路口{self.bridge_m:g}米内放宽；"
            f"{side.zh}；{hand.zh}",
            f"lines within {self.within_m:g} m ({self.unstated_within_m:g} m if not said "
            f"to be one-way) and {self.angle_deg:g} degrees are one road, looser along "
            f"{self.bridge_m:g} m; {side.en}; {hand.en}",
        )


def reaches_m(
    streets: "gpd.GeoDataFrame", rules: CarriagewayRules
) -> "NDArray[np.float64]":
    """Distance within which each line may pair; 0 for a road of its own."""
    reach = np.full(len(streets), min(rules.unstated_within_m, rules.within_m))
    if "road_class" in streets:
        reach[streets["road_class"].isin(_DIVIDED).to_numpy()] = rules.within_m
    if "oneway" in streets:
        reach[_flagged(streets["oneway"], value=True)] = rules.within_m
        reach[_flagged(streets["oneway"], value=False)] = 0
    if "road_class" in streets:
        reach[streets["road_class"].isin(_NEVER).to_numpy()] = 0
    if "roundabout" in streets:
        reach[_flagged(streets["roundabout"], value=True)] = 0
    return reach


def _flagged(values: "pd.Series[bool]", *, value: bool) -> "NDArray[np.bool_]":
    flagged: NDArray[np.bool_] = (values.notna() & (values == value)).to_numpy(bool)
    return flagged


def lanes(
    streets: "gpd.GeoDataFrame",
    rules: CarriagewayRules,
    found: "Segments",
    paired: "NDArray[np.int64]",
    reach_m: "NDArray[np.float64]",
) -> Lanes:
    """Return the segments that may pair, with what tells whether two may."""
    row = found.row[paired]

    def numbers(column: str) -> "NDArray[np.int64]":
        if column not in streets:
            return np.full(len(row), -1)
        texts = streets[column].astype("string")
        if column == "name_zh" and rules.side_roads == "once":
            texts = texts.str.replace(_PARTS_OF_A_ROAD, "", regex=True)
        texts = texts.str.strip().mask(lambda text: text == "")
        code: NDArray[np.int64] = pd.factorize(texts)[0].astype(np.int64)[row]
        return code

    level = np.full(len(row), np.nan)
    if "level" in streets:
        level = pd.to_numeric(streets["level"]).to_numpy(float, na_value=np.nan)[row]
    return Lanes(
        xy=np.ascontiguousarray(found.xy[paired]),
        reach_m=reach_m[paired],
        name=numbers("name_zh"),
        ref=numbers("ref"),
        road_class=numbers("road_class"),
        level=level,
    )
