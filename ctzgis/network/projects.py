"""Projects read off a network whose rows say which project builds them (工程项目)."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ctzgis.network.edits import AddLine, AddRoad, CloseLine, Edit, Project, UpgradeRoad

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctzgis.network.travel import TravelNetwork

__all__ = ["projects_of"]


def projects_of(network: "TravelNetwork") -> tuple[Project, ...]:
    """
    Return the projects of a network as edits, in order of their ids.

    A row that replaces another is an upgrade, a row that stands for itself an
    addition; ``network.at(year)`` of a year before the project, with the
    project's edits, is the network with the project alone.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> from ctzgis.network import projects_of
    >>> network = read_network()
    >>> dongzhu = {p.id: p for p in projects_of(network)}["dongzhu_road"]
    >>> dongzhu.opens, len(dongzhu.edits)
    (2020, 8)
    >>> network.at(2019).with_edits(*dongzhu.edits).roads.length_m > 0
    True
    """
    frame = network.roads.roads
    owned = frame[frame["project_id"].notna()] if "project_id" in frame else frame[:0]
    lines = [line for line in network.lines if line.project_id]
    ids = sorted({*owned["project_id"], *(line.project_id for line in lines)})
    projects = []
    for key in ids:
        rows = owned[owned["project_id"] == key]
        own_lines = [line for line in lines if line.project_id == key]
        edits: list[Edit] = [
            _road_edit(road_id, row) for road_id, row in rows.iterrows()
        ]
        for line in own_lines:
            edits += [CloseLine(line_id=line.replaces)] if line.replaces else []
            edits.append(AddLine(line=line))
        years = [*rows["opens"], *(line.opens for line in own_lines)]
        names = [*rows["name_zh"], *(line.name_zh for line in own_lines)]
        projects.append(
            Project(
                id=key,
                name_zh="、".join(dict.fromkeys(names)),
                opens=None if any(pd.isna(y) for y in years) else int(max(years)),
                edits=tuple(edits),
            )
        )
    return tuple(projects)


def _road_edit(road_id: "Hashable", row: "pd.Series[Any]") -> Edit:
    added = AddRoad(road_id=str(road_id), values={str(k): v for k, v in row.items()})
    replaced = row.get("replaces")
    if replaced is None or pd.isna(replaced):
        return added
    return UpgradeRoad(road_id=str(replaced), by=added)
