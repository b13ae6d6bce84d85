"""What each project contributes, alone and within the whole (项目贡献)."""

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ctzgis.analysis.change.measures import (
    OWN_MEASURE,
    Measure,
    NamedMeasure,
    mean_minutes,
    people_within,
)
from ctzgis.analysis.columns import require_function
from ctzgis.analysis.rules import ruled
from ctzgis.errors import InputError
from ctzgis.network import (
    AddLine,
    AddRoad,
    Project,
    TravelNetwork,
    UpgradeRoad,
)
from ctzgis.progress import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.progress import Progress, Tell

__all__ = [
    "Contributions",
    "NamedMeasure",
    "contributions",
    "mean_minutes",
    "pair_interactions",
    "people_within",
]


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """
    What projects contribute to a measure.

    Attributes
    ----------
    before, after
        The measure without any of them and with all.
    table
        One row per project, in their order, with the course of what it builds:
        ``project_id``, ``name_zh``, ``name_en``, ``opens``; ``with_only`` and
        ``without``, the measure with nothing but it and with all but it; ``alone`` =
        with_only − before; ``left_out`` = after − without, what the whole would lack;
        ``interaction`` = left_out − alone: what it gives only together with others, or,
        of the other sign, what others give as well; ``reason`` why a number is missing.
        ``attrs["rules"]`` tells what is measured.
    name, unit, better
        As of ``NamedMeasure``; a measure without a name is called ``"measure"``.
    """

    before: float
    after: float
    table: gpd.GeoDataFrame
    name: str = "measure"
    unit: str = ""
    better: Literal["less", "more", ""] = ""

    @property
    def total(self) -> float:
        """What all of them change together."""
        return self.after - self.before

    @property
    def remainder(self) -> float:
        """What the total is beside the sum of what each does alone."""
        return self.total - float(self.table["alone"].sum(skipna=False))

    def __repr__(self) -> str:
        return (
            f"<Contributions: {self.name} {self.before:g} → {self.after:g} "
            f"{self.unit}".rstrip()
            + f", {len(self.table)} projects, {self.remainder:+.3g} beside their sum>"
        )


def contributions(
    network: TravelNetwork,
    projects: "Sequence[Project]",
    measure: Measure,
    *,
    progress: "Progress | None" = None,
) -> Contributions:
    """
    Measure what each project contributes: alone, and left out of the whole.

    Contributions are not made to add up: projects that need each other count for nothing
    alone and for the whole each when left out, projects that do the same the reverse.

    Parameters
    ----------
    network
        The network without any of them, as ``without_projects`` or ``Scenario.base``
        gives it.
    projects
        Projects that are put into it, in this order.
    measure
        ``mean_minutes(...)``, ``people_within(...)`` or any function of a network.
    progress
        Takes a line now and then when work takes longer than two seconds.

    Returns
    -------
    Contributions
        The measure before and after, and a table with a row a project, in the CRS of the
        network and in the unit of the measure; NaN with a reason where a project cannot
        be built or measured without others. ``attrs["rules"]`` of the table tells what is
        measured.

    Raises
    ------
    InputError
        If there is no list of projects, it is empty, two share an id, or the measure is
        no function.
    EditError, InputError
        If all of them together do not fit the network.

    Notes
    -----
    The measure is taken 2n + 2 times. A method of this library: differences of what is
    measured, nothing is apportioned.

    Examples
    --------
    >>> from ctzgis.examples import gridville, gridville_places
    >>> from ctzgis.network import CloseRoad
    >>> closing = [
    ...     Project(id=key, name_zh=key, opens=None, edits=(CloseRoad(road_id=key),))
    ...     for key in ("r0", "r1")
    ... ]
    >>> found = contributions(gridville(), closing, lambda n: n.roads.length_m / 1000)
    >>> found.table[["project_id", "alone", "left_out", "interaction"]].values.tolist()
    [['r0', -1.0, -1.0, 0.0], ['r1', -1.0, -1.0, 0.0]]
    """
    _require_projects(projects, measure)
    every = frozenset(range(len(projects)))
    wanted = [frozenset[int](), every]
    wanted += [frozenset([k]) for k in range(len(projects))]
    wanted += [every - {k} for k in range(len(projects))]
    values = _measured(network, projects, measure, wanted, progress)
    if values[every] is None:
        network.with_edits(*[edit for p in projects for edit in p.edits])  # raises
    before, after = (_number(values[key]) for key in (frozenset(), every))
    rows = [
        _row(project, values[frozenset([k])], values[every - {k}], before, after)
        for k, project in enumerate(projects)
    ]
    shapes = [_course(project, network) for project in projects]
    table = gpd.GeoDataFrame(rows, geometry=shapes, crs=network.roads.crs)
    _tell_measure(table, measure)
    if isinstance(measure, NamedMeasure):
        named = measure.name, measure.unit, measure.better
        return Contributions(before, after, table, *named)
    return Contributions(before, after, table)


def _row(
    project: Project,
    only: float | None,
    rest: float | None,
    before: float,
    after: float,
) -> dict[str, Any]:
    """Return the row of a project: the measure with it only, and with the rest only."""
    with_only, without = _number(only), _number(rest)
    alone, left_out = with_only - before, after - without
    return {
        "project_id": project.id,
        "name_zh": project.name_zh,
        "name_en": project.name_en,
        "opens": np.nan if project.opens is None else float(project.opens),
        "with_only": with_only,
        "without": without,
        "alone": alone,
        "left_out": left_out,
        "interaction": left_out - alone,
        "reason": _reason(only, rest, alone, left_out),
    }


def pair_interactions(
    network: TravelNetwork,
    projects: "Sequence[Project]",
    measure: Measure,
    *,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Measure for every two projects what they do together beside what each does alone.

    Parameters
    ----------
    network, projects, measure, progress
        As for ``contributions``.

    Returns
    -------
    DataFrame
        ``project_id``, ``other_id``, ``together`` (what both change), ``alone`` and
        ``other_alone``, and ``interaction`` = together − alone − other_alone; NaN where
        one of them cannot be built or measured. ``attrs["rules"]`` tells what is
        measured.

    Raises
    ------
    InputError
        As by ``contributions``.

    Notes
    -----
    The measure is taken n (n + 1) / 2 + 1 times.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network import CloseRoad
    >>> closing = [
    ...     Project(id=key, name_zh=key, opens=None, edits=(CloseRoad(road_id=key),))
    ...     for key in ("r0", "r1")
    ... ]
    >>> found = pair_interactions(gridville(), closing, lambda n: len(n.roads.roads))
    >>> found[["together", "interaction"]].values.tolist()
    [[-2.0, 0.0]]
    """
    _require_projects(projects, measure)
    places = range(len(projects))
    pairs = list(combinations(places, 2))
    wanted = [frozenset[int](), *(frozenset([k]) for k in places)]
    wanted += [frozenset(pair) for pair in pairs]
    values = _measured(network, projects, measure, wanted, progress)
    before = _number(values[frozenset()])
    rows = []
    for one, other in pairs:
        together, alone, other_alone = (
            _number(values[frozenset(key)]) - before
            for key in ([one, other], [one], [other])
        )
        rows.append(
            (projects[one].id, projects[other].id, together, alone, other_alone,
             together - alone - other_alone)
        )  # fmt: skip
    names = [
        "project_id",
        "other_id",
        "together",
        "alone",
        "other_alone",
        "interaction",
    ]
    table = pd.DataFrame(rows, columns=names)
    _tell_measure(table, measure)
    return table


def _tell_measure(table: pd.DataFrame, measure: Measure) -> None:
    """Tell beside a table what was measured, in place."""
    told = measure.rules if isinstance(measure, NamedMeasure) else OWN_MEASURE
    ruled(table, *told)


def _are_projects(given: object) -> bool:
    listed = isinstance(given, (list, tuple))
    return listed and all(isinstance(each, Project) for each in given)  # type: ignore[attr-defined]


def _require_projects(projects: "Sequence[Project]", measure: Measure) -> None:
    require_function(measure, "measure", of="a network")
    if not _are_projects(projects):
        msg = f"projects are a {type(projects).__name__}; a list of Project is expected"
        raise InputError(msg)
    ids = [project.id for project in projects]
    if not ids:
        msg = "there is no project to measure"
        raise InputError(msg)
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        msg = f"project '{twice[0]}' is given twice"
        raise InputError(msg)


def _measured(
    network: TravelNetwork,
    projects: "Sequence[Project]",
    measure: Measure,
    wanted: list[frozenset[int]],
    progress: "Progress | None",
) -> dict[frozenset[int], float | None]:
    """Return the measure with each set of projects; ``None`` where edits do not fit."""
    found: dict[frozenset[int], float | None] = {}
    with telling("contributions", progress) as tell:
        for done, chosen in enumerate(wanted):
            if chosen not in found:
                found[chosen] = _with(network, projects, measure, chosen)
            _tell(tell, done + 1, len(wanted))
    return found


def _tell(tell: "Tell", done: int, all_of: int) -> None:
    tell(done / all_of)


def _with(
    network: TravelNetwork,
    projects: "Sequence[Project]",
    measure: Measure,
    chosen: frozenset[int],
) -> float | None:
    """Return the measure with some projects; ``None`` if their edits do not fit."""
    edits = [edit for k in sorted(chosen) for edit in projects[k].edits]
    try:
        changed = network.with_edits(*edits) if edits else network
    except InputError:  # e.g. one upgrades what another builds
        return None
    return float(measure(changed))


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _reason(
    only: float | None, rest: float | None, alone: float, left_out: float
) -> str:
    """Tell why a contribution is missing; empty if none is."""
    reasons = []
    if only is None:
        reasons.append("alone: it cannot be built without others")
    elif np.isnan(alone):
        reasons.append("alone: the measure is undefined without it, or with it alone")
    if rest is None:
        reasons.append("within the whole: others cannot be built without it")
    elif np.isnan(left_out):
        reasons.append(
            "within the whole: the measure is undefined without it, or with all"
        )
    return "; ".join(reasons)


def _course(project: Project, network: TravelNetwork) -> shapely.Geometry:
    """Return the course of what a project builds; of what it changes, if it builds none."""
    lines = []
    for edit in project.edits:
        road = edit.by if isinstance(edit, UpgradeRoad) else edit
        if isinstance(road, AddRoad):
            lines.append(road.values["geometry"])
        elif isinstance(edit, AddLine):
            lines.append(edit.line.path())
    if not lines:
        roads = network.roads.roads.geometry
        known = {line.id: line.path() for line in network.lines}
        ids = [
            getattr(e, "road_id", getattr(e, "line_id", None)) for e in project.edits
        ]
        lines = [roads[key] for key in ids if key in roads.index]
        lines += [known[key] for key in ids if key in known]
    return shapely.MultiLineString(lines)
