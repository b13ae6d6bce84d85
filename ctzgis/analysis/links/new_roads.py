"""New roads and who would use them: their speed, and both in words (新建道路)."""

from typing import TYPE_CHECKING

from ctzgis.analysis.links.modes import require_means
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelRules
from ctzgis.network.speeds import CLASS_KPH, of_profile
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import geopandas as gpd

    from ctzgis.network.layers import Means

__all__ = ["demand_told", "link_kph", "road_told"]


def link_kph(
    road_class: str, mode: str, profile: str, rules: TravelRules = DEFAULT_RULES
) -> float:
    """
    Return the speed on a new road of a class.

    Parameters
    ----------
    road_class
        Class of the road (``ROAD_CLASSES``); on foot or by bicycle it decides nothing.
    mode
        ``"drive"``, ``"walk"`` or ``"cycle"``.
    profile
        ``"free"`` flow or ``"peak"``; any other has the speed of free flow.
    rules
        Speeds of walking and cycling.

    Returns
    -------
    float
        Speed in km/h.

    Raises
    ------
    InputError
        If the mode or, for cars, the class is not known.

    Notes
    -----
    Cars drive at the planning speeds of ``CLASS_KPH``, which are assumed within 15 %.

    Examples
    --------
    >>> link_kph("secondary", "drive", "peak"), link_kph("secondary", "walk", "peak")
    (22.0, 4.8)
    """
    require_means(mode)
    if mode == "walk":
        return rules.walk_kph
    if mode == "cycle":
        return rules.cycle_kph
    return float(of_profile(_speeds(road_class), profile))


def _speeds(road_class: str) -> "Mapping[Any, float]":
    if road_class not in CLASS_KPH:
        msg = f"road_class {road_class!r} is not known; one of {', '.join(CLASS_KPH)}"
        raise InputError(msg)
    return CLASS_KPH[road_class]


def demand_told(
    people: "gpd.GeoDataFrame | None", around_m: float, trips_a_day: float
) -> Text:
    """Tell who makes how many trips over a link."""
    who = (
        Text("每个路口计一人", "one person at each junction")
        if people is None
        else Text("人口", "people")
    )
    return Text(
        f"{who.zh}，端点{around_m:g}米以内，每人每日{trips_a_day:g}次（模型，非计数）",
        f"{who.en} within {around_m:g} m of an end, {trips_a_day:g} trips a day each (a "
        "model, not a count)",
    )


def road_told(road_class: str, kph: float, mode: "Means") -> Text:
    """Tell the new road."""
    if mode != "drive":
        return Text("", "")
    return Text(
        f"新路为{road_class}，{kph:g}公里/时",
        f"new roads are {road_class}, {kph:g} km/h",
    )
