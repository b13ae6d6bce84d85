"""What the edits of a card make of a network: all of it must fit (吻合检查)."""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, AddLine, AddRoad, UpgradeRoad
from ctzgis.sources.scenarios.entries import hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctzgis.network import Edit, TravelNetwork
    from ctzgis.sources.scenarios.entries import CardEntry

__all__ = ["require_fit"]

_MOST_KPH: Final = 700
"""No train in service is faster; what is has its minutes or its positions wrong."""


def require_fit(
    base: "TravelNetwork",
    network: "TravelNetwork",
    edits: "list[Edit]",
    places: "list[CardEntry]",
) -> None:
    """
    Complain of the first edit that the network does not take, or that hangs loose.

    Parameters
    ----------
    base
        What the edits are put into.
    network
        Network of all years.
    edits, places
        Edits, and the entry that each stands in.

    Raises
    ------
    EditError
        If an edit does not fit, a road is joined to nothing that was there, what is
        replaced stays or never was, a new station is far from any road, or a line
        faster than any train.
    """
    try:
        after = base.with_edits(*edits)
    except InputError:
        _name_first(base, edits, places)
        raise
    _require_replaced(after, network, edits, places)
    _require_joined(after, edits, places)
    _require_near(after, network, edits, places)
    _require_rideable(edits, places)


def _name_first(
    base: "TravelNetwork", edits: "list[Edit]", places: "list[CardEntry]"
) -> None:
    """Apply edits one after another, and complain of the first that is not taken."""
    state = base
    for edit, place in zip(edits, places, strict=True):
        try:
            state = state.with_edits(edit)
        except InputError as error:
            place.fail(str(error))


def _require_replaced(
    after: "TravelNetwork",
    network: "TravelNetwork",
    edits: "list[Edit]",
    places: "list[CardEntry]",
) -> None:
    """Complain of what says that it replaces what stays, or what never was."""
    roads = {*map(str, network.roads.roads.index), *(k for k, _ in _roads(edits))}
    lines = {line.id for line in network.lines}
    lines |= {edit.line.id for edit in edits if isinstance(edit, AddLine)}
    stays = {line.id for line in after.lines}, set(after.roads.roads.index)
    for edit, place in zip(edits, places, strict=True):
        if isinstance(edit, AddLine):
            what, old, known, left = "line", edit.line.replaces, lines, stays[0]
            way = "close_line before it"
        elif isinstance(edit, (AddRoad, UpgradeRoad)):
            road = edit if isinstance(edit, AddRoad) else edit.by
            what, old = "road", road.values.get("replaces")
            known, left, way = roads, stays[1], "upgrade_road instead"
        else:
            continue
        if not old:
            continue
        if old not in known:
            place.fail(
                f"'replaces': the network has no {what} '{old}'{hint(str(old), known)}"
            )
        if old in left:
            place.fail(f"'replaces': {what} '{old}' would stay beside it; give {way}")


def _roads(edits: "Iterable[Edit]") -> "list[tuple[str, AddRoad]]":
    """Return the roads that edits put in, by their ids."""
    new = [edit.by if isinstance(edit, UpgradeRoad) else edit for edit in edits]
    return [(road.road_id, road) for road in new if isinstance(road, AddRoad)]


def _require_joined(
    after: "TravelNetwork", edits: "list[Edit]", places: "list[CardEntry]"
) -> None:
    """Complain of the first road from which no other leads to what was there."""
    roads = after.roads.roads
    new = {key for key, _ in _roads(edits)}
    there = roads[~roads.index.isin(new)]
    if not len(there):
        return
    joined = {*there["from_id"], *there["to_id"]}
    left = roads[roads.index.isin(new)]
    while len(left):
        near = left["from_id"].isin(joined) | left["to_id"].isin(joined)
        if not near.any():
            break
        joined |= {*left.loc[near, "from_id"], *left.loc[near, "to_id"]}
        left = left[~near]
    for edit, place in zip(edits, places, strict=True):
        for key, _ in _roads([edit]):
            if key in left.index:
                place.fail(
                    f"road '{key}' hangs loose: it meets no other road that was there, "
                    "at either end or through others of the card"
                )


def _require_near(
    after: "TravelNetwork",
    network: "TravelNetwork",
    edits: "list[Edit]",
    places: "list[CardEntry]",
) -> None:
    """Complain of a new station that nobody gets to."""
    known = {stop.station_id for line in network.lines for stop in line.stops}
    roads = after.roads.roads
    barred = roads["road_class"].isin(("motorway", "ferry")).to_numpy()
    tree = shapely.STRtree(np.asarray(roads.geometry.array)[~barred])
    limit_m = DEFAULT_RULES.max_snap_distance_m
    for edit, place in zip(edits, places, strict=True):
        if not isinstance(edit, AddLine):
            continue
        for number, stop in enumerate(edit.line.stops, 1):
            near = tree.query(stop.point, predicate="dwithin", distance=limit_m)
            if stop.station_id not in known and not len(near):
                place.fail(
                    f"stop {number} ('{stop.station_id}') lies farther than "
                    f"{limit_m / 1000:g} km from any road it could be reached by; are "
                    "position and crs right?"
                )


def _require_rideable(edits: "list[Edit]", places: "list[CardEntry]") -> None:
    """Complain of the first stop that no train could come to in its minutes."""
    for edit, place in zip(edits, places, strict=True):
        stops = edit.line.stops if isinstance(edit, AddLine) else ()
        for here, there in pairwise(stops):
            kph = here.point.distance(there.point) / 1000 / here.run_min * 60
            if kph > _MOST_KPH:
                place.fail(
                    f"from {here.station_id} to {there.station_id} it would run "
                    f"{kph:,.0f} km/h in {here.run_min:g} min; at most {_MOST_KPH} are "
                    "expected; are positions and minutes right?"
                )
