"""What kind each line of a street layer is: class, ramp, ring, width (道路类别)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.network.class_words import RoadWord, road_word
from ctzgis.tables import ROAD_CLASSES
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.analysis.streets.density_rules import DensityRules

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Weight = str | pd.Series[Any] | Floats

__all__ = [
    "StreetKinds",
    "classes_of",
    "shares_counted",
    "street_kinds",
    "untold",
    "weights_of",
    "widths_m",
]

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class StreetKinds:
    """
    What kind each line is.

    Attributes
    ----------
    road_class
        Class of each line: one of ``ROAD_CLASSES`` where its word is known, else the word
        itself, ``None`` where there is none or its word says none, as 匝道 does.
    known
        Whether its class is one of ``ROAD_CLASSES``.
    link, roundabout
        Whether it is a ramp or a ring.
    has_classes, has_links, has_roundabouts
        Whether the layer tells classes, ramps and rings at all.
    """

    road_class: "NDArray[np.object_]"
    known: "Flags"
    link: "Flags"
    roundabout: "Flags"
    has_classes: bool
    has_links: bool
    has_roundabouts: bool


def street_kinds(streets: "gpd.GeoDataFrame") -> StreetKinds:
    """
    Tell what kind each line of a street layer is.

    Classes are this library's, or words that ``road_word`` knows: OpenStreetMap's and
    Chinese ones. A line is a ramp by its flag ``link`` or a word such as ``primary_link``
    or 匝道, a ring by its flag ``roundabout`` or a word such as 环岛.

    Raises
    ------
    InputError
        If a column of flags holds anything else than true, false and nothing.
    """
    link, has_links = _flags(streets, "link")
    roundabout, has_roundabouts = _flags(streets, "roundabout")
    codes, texts, means = _words(streets)
    names = np.array([*map(_named, means, texts), None], dtype=object)
    ramps = _each(means, "link")
    rings = _each(means, "roundabout")
    sure = np.array([*(bool(m and m.road_class) for m in means), False], dtype=bool)
    return StreetKinds(
        road_class=names[codes],
        known=sure[codes],
        link=link | ramps[codes],
        roundabout=roundabout | rings[codes],
        has_classes="road_class" in streets,
        has_links=has_links or bool(ramps.any()),
        has_roundabouts=has_roundabouts or bool(rings.any()),
    )


def classes_of(streets: "gpd.GeoDataFrame") -> "NDArray[np.object_]":
    """
    Return the class of each line as ``street_kinds`` does, whatever else the layer holds.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (1, 0)])] * 3
    >>> frame = gpd.GeoDataFrame({"road_class": ["主干路", "匝道", "甲"]}, geometry=lines)
    >>> classes_of(frame).tolist()
    ['primary', None, '甲']
    """
    codes, texts, means = _words(streets)
    classes: NDArray[np.object_] = np.array(
        [*map(_named, means, texts), None], dtype=object
    )[codes]
    return classes


def _words(
    streets: "gpd.GeoDataFrame",
) -> "tuple[NDArray[np.int64], list[str], list[RoadWord | None]]":
    """Return which word each line has (-1: none), the words, and what they say."""
    words = pd.Series(np.full(len(streets), None, dtype=object))
    if "road_class" in streets:
        words = pd.Series(streets["road_class"].to_numpy(dtype=object))
        words = words.where(words.notna() & (words != ""), None)
    codes, found = pd.factorize(words.to_numpy(dtype=object), use_na_sentinel=True)
    texts = [str(word) for word in found]
    return codes, texts, [road_word(text) for text in texts]


def _named(means: RoadWord | None, text: str) -> str | None:
    return text if means is None else means.road_class


def _each(means: list[RoadWord | None], flag: str) -> "Flags":
    """Return a flag of each word, and at the end that of no word."""
    flags = [word is not None and getattr(word, flag) for word in means]
    return np.array([*flags, False], dtype=bool)


def _flags(streets: "gpd.GeoDataFrame", column: str) -> "tuple[Flags, bool]":
    if column not in streets:
        return np.zeros(len(streets), dtype=bool), False
    values = streets[column]
    filled = values.astype(object).where(values.notna(), other=False)
    wrong = ~filled.isin([True, False])
    if wrong.any():
        row = wrong.idxmax()
        msg = f"column '{column}' of streets is {filled[row]!r} in row {row!r}; "
        msg += "true or false is expected"
        raise InputError(msg)
    return filled.to_numpy(dtype=bool), True


def shares_counted(
    kinds: StreetKinds, rules: "DensityRules", weight: "Floats | None"
) -> "Floats":
    """
    Return with which share of its length each line counts.

    Raises
    ------
    InputError
        If the layer cannot tell what the rules ask for: classes, or carriageways without
        weights.
    """
    counts = np.ones(len(kinds.link), dtype=bool)
    if rules.classes is not None:
        classed = pd.notna(kinds.road_class)
        _require_classes(kinds, rules, classed)
        chosen = np.isin(kinds.road_class.astype(str), rules.classes)
        counts = np.where(classed, chosen, rules.unclassed == "counted")
    if rules.links == "left_out":
        counts = counts & ~kinds.link
    if rules.roundabouts == "left_out":
        counts = counts & ~kinds.roundabout
    if rules.carriageways == "drawn":
        return counts.astype(np.float64)
    if weight is None:
        msg = (
            f"rules '{rules.name}' count dual carriageways once, for which each street "
            "needs a weight; give weight=… or "
            "dataclasses.replace(rules, carriageways='drawn')"
        )
        raise InputError(msg)
    return np.where(counts, weight, 0.0)


def _require_classes(
    kinds: StreetKinds, rules: "DensityRules", classed: "Flags"
) -> None:
    if not kinds.has_classes and rules.unclassed == "left_out":
        msg = (
            f"rules '{rules.name}' count roads by class, but streets have no column "
            "'road_class'; add it, take rules='raw', or "
            "dataclasses.replace(rules, unclassed='counted')"
        )
        raise InputError(msg)
    strange = classed & ~kinds.known
    if strange.any():
        words = sorted(set(kinds.road_class[strange]))
        more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
        msg = (
            f"rules '{rules.name}' do not know road_class "
            f"{', '.join(map(repr, words[:_SHOWN]))}{more}; "
            f"known are {', '.join(ROAD_CLASSES)}, OpenStreetMap's highway and "
            "Chinese words such as 主干路"
        )
        raise InputError(msg)


def untold(kinds: StreetKinds, rules: "DensityRules") -> tuple[Text, ...]:
    """Return what the rules leave out and the layer does not tell, so that it counts."""
    found = []
    if rules.links == "left_out" and not kinds.has_links:
        found.append(
            Text("图层未标明匝道，匝道计入", "the layer marks no ramps: they count")
        )
    if rules.roundabouts == "left_out" and not kinds.has_roundabouts:
        found.append(
            Text("图层未标明环岛，环岛计入", "the layer marks no rings: they count")
        )
    if rules.classes is not None:
        none = int(pd.isna(kinds.road_class).sum())
        if none and rules.unclassed == "counted":
            found.append(
                Text(f"{none}条线无等级，计入", f"{none:,} lines without a class count")
            )
        elif none:
            found.append(
                Text(
                    f"{none}条线无等级，不计",
                    f"{none:,} lines without a class do not count",
                )
            )
    return tuple(found)


def weights_of(streets: "gpd.GeoDataFrame", weight: "Weight | None") -> "Floats | None":
    """
    Return the weight of each street; ``None`` if none is given.

    Raises
    ------
    InputError
        If the column is missing, a street has no weight, or one lies outside 0–1.
    """
    if weight is None:
        return None
    if isinstance(weight, str) and weight not in streets:
        msg = f"streets have no column '{weight}', which weight names"
        raise InputError(msg)
    given = streets[weight] if isinstance(weight, str) else weight
    if isinstance(given, pd.Series):
        if given.index.has_duplicates:
            msg = "the index of weight repeats rows; one weight a street is expected"
            raise InputError(msg)
        given = pd.to_numeric(given.reindex(streets.index), errors="coerce")
    numbers = np.asarray(given, dtype=np.float64)
    if numbers.shape != (len(streets),):
        msg = f"weight has {numbers.size:,} values for {len(streets):,} streets"
        raise InputError(msg)
    wrong = ~((numbers >= 0) & (numbers <= 1))
    if wrong.any():
        row = streets.index[wrong][0]
        msg = f"the weight of street {row!r} is {numbers[wrong][0]}; 0 to 1 is expected"
        raise InputError(msg)
    return numbers


def widths_m(streets: "gpd.GeoDataFrame", lane_m: float) -> "Floats | None":
    """
    Return the width of each line, NaN where unknown; ``None`` if the layer has none.

    The column ``width_m`` is taken, and where that says nothing ``lanes``. What is no
    finite number above 0 says nothing.

    Raises
    ------
    InputError
        If ``lane_m`` is no finite number above 0.
    """
    if not (np.isfinite(lane_m) and lane_m > 0):
        msg = f"lane_m is {lane_m}; a finite number of metres above 0 is expected"
        raise InputError(msg)
    found = None
    for column, by in (("width_m", 1.0), ("lanes", lane_m)):
        if column in streets:
            metres = _positive(streets[column]) * by
            found = (
                metres if found is None else np.where(np.isnan(found), metres, found)
            )
    return found


def _positive(values: "pd.Series[Any]") -> "Floats":
    """Return numbers above 0, and NaN for all else."""
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    return np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)
