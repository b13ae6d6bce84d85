"""Projects read off a network whose rows say which project builds them (工程项目)."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ctzgis.network.edits import (
    AddLine,
    AddRoad,
    CloseLine,
    CloseRoad,
    Edit,
    Project,
    UpgradeRoad,
)
from ctzgis.network.roads import RoadNetwork, Undated
from ctzgis.network.travel import TravelNetwork

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    import geopandas as gpd

    from ctzgis.network.lines import TransitLine

__all__ = ["corridor_projects", "projects_of", "without_projects"]


def projects_of(network: TravelNetwork) -> tuple[Project, ...]:
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
    owners = _texts(frame, "project_id")
    lines = [line for line in network.lines if line.project_id]
    ids = sorted({*owners.dropna(), *(str(line.project_id) for line in lines)})
    return tuple(
        _project(key, frame[owners == key], [x for x in lines if x.project_id == key])
        for key in ids
    )


def corridor_projects(network: TravelNetwork) -> tuple[Project, ...]:
    """
    Return what is drawn of every other corridor as a project, in order of their ids.

    A road or line belongs to the first corridor it is tagged with that is no project of
    ``projects_of``; so each is built by one only, and corridors that share all of their
    course with earlier ones have none. What a later row replaces is left out.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> found = {p.id: p for p in corridor_projects(read_network())}
    >>> found["changgan_hsr"].opens, len(found["changgan_hsr"].edits)
    (None, 1)
    """
    frame = network.roads.roads
    taken = {project.id for project in projects_of(network)}
    gone = {*_texts(frame, "replaces").dropna()}
    tags = _texts(frame, "corridor_ids").fillna("").str.split(";")
    first = tags.map(lambda found: next((t for t in found if t and t not in taken), ""))
    free = _texts(frame, "project_id").isna() & ~frame.index.isin(gone)
    first = first.where(free, "")
    replaced = {line.replaces for line in network.lines}
    line_of: dict[str, list[TransitLine]] = {}
    for line in network.lines:
        own = next((tag for tag in line.corridors if tag not in taken), None)
        if own and line.project_id is None and line.id not in replaced:
            line_of.setdefault(own, []).append(line)
    ids = sorted({*first[first != ""], *line_of})
    return tuple(
        _project(key, frame[first == key], line_of.get(key, [])) for key in ids
    )


def without_projects(
    network: TravelNetwork,
    projects: "Iterable[Project]",
    *,
    year: int,
    undated: Undated = "exclude",
) -> TravelNetwork:
    """
    Return the network as it would stand at the end of a year without some projects.

    What they add is out, what they replace or close is back. With their edits it is
    ``network.at(year)`` again, if all of them are open by then.

    Parameters
    ----------
    network
        Network of all years.
    projects
        Projects of this network, as ``projects_of`` gives them.
    year, undated
        As for ``network.at``.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> network = read_network()
    >>> without = without_projects(network, projects_of(network), year=2025)
    >>> again = [p for p in projects_of(network) if p.opens]
    >>> with_all = without.with_edits(*[edit for p in again for edit in p.edits])
    >>> set(with_all.roads.roads.index) == set(network.at(2025).roads.roads.index)
    True
    """
    added, replaced = _touched([edit for p in projects for edit in p.edits])
    now = network.at(year, undated=undated)
    whole = network.roads.roads
    back = whole.index.isin(replaced - added) & (
        (whole["opens"] <= year)
        | (whole["opens"].isna() & (whole["status"] == "built"))
    )
    stays = whole.index.isin(now.roads.roads.index) & ~whole.index.isin(added)
    lines = {line.id for line in now.lines} - added
    lines |= {
        line.id
        for line in network.lines
        if line.id in replaced - added and _opened(line, year)
    }
    return TravelNetwork(
        RoadNetwork.of_checked(
            whole[stays | back], network.roads.junctions, network.roads.sources
        ),
        tuple(line for line in network.lines if line.id in lines),
    )


def _touched(edits: "Sequence[Edit]") -> tuple[set[str], set[str]]:
    """Return the ids of what edits add, and of what they take out."""
    added, gone = set(), set()
    for edit in edits:
        if isinstance(edit, AddRoad):
            added.add(edit.road_id)
        elif isinstance(edit, AddLine):
            added.add(edit.line.id)
        elif isinstance(edit, UpgradeRoad):
            added.add(edit.by.road_id)
            gone.add(edit.road_id)
        elif isinstance(edit, CloseRoad):
            gone.add(edit.road_id)
        elif isinstance(edit, CloseLine):
            gone.add(edit.line_id)
    return added, gone


def _opened(line: "TransitLine", year: int) -> bool:
    return line.status == "built" if line.opens is None else line.opens <= year


def _texts(frame: "gpd.GeoDataFrame", column: str) -> "pd.Series[Any]":
    """Return a column of texts, empty where the frame has no such column."""
    if column in frame:
        texts: pd.Series[Any] = frame[column]
        return texts
    return pd.Series(None, index=frame.index, dtype=object)


def _project(
    key: str, rows: "gpd.GeoDataFrame", lines: "Sequence[TransitLine]"
) -> Project:
    """Return the project that builds roads and lines."""
    edits: list[Edit] = [_road_edit(road_id, row) for road_id, row in rows.iterrows()]
    for line in lines:
        edits += [CloseLine(line_id=line.replaces)] if line.replaces else []
        edits.append(AddLine(line=line))
    years = [*rows["opens"], *(line.opens for line in lines)]
    names = [*_texts(rows, "name_zh"), *(line.name_zh for line in lines)]
    return Project(
        id=str(key),
        name_zh="、".join(dict.fromkeys(n for n in names if not pd.isna(n)))
        or str(key),
        opens=None if any(pd.isna(y) for y in years) else int(max(years)),
        edits=tuple(edits),
    )


def _road_edit(road_id: "Hashable", row: "pd.Series[Any]") -> Edit:
    values = {
        str(k): _plain(v) for k, v in row.items() if k == "geometry" or pd.notna(v)
    }
    added = AddRoad(road_id=str(road_id), values=values)
    replaced = row.get("replaces")
    if replaced is None or pd.isna(replaced):
        return added
    return UpgradeRoad(road_id=str(replaced), by=added)


def _plain(value: Any) -> Any:
    """Return a value as Python has it, not NumPy."""
    return value.item() if hasattr(value, "item") else value
