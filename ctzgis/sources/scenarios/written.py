"""Write scenarios as cards that are read back the same (写出情景卡片)."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctzgis.crs import REGION_CRS
from ctzgis.errors import InputError
from ctzgis.network import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    UpgradeRoad,
)
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    import shapely

    from ctzgis.network import Edit, Project, Scenario, TransitLine

__all__ = ["write_scenario"]

# Kept even if empty: without them a card's reader takes those of the project.
_TOLD = ("project_id", "opens", "replaces")


def write_scenario(
    scenario: "Scenario", path: Path | str, *, crs: str = str(REGION_CRS)
) -> None:
    """
    Write a scenario as a card; ``read_scenario`` gives it back.

    Parameters
    ----------
    scenario
        What is written, all of it in one file.
    path
        A ``.yaml`` file; one that was there is replaced.
    crs
        CRS of the network that its positions are in.

    Raises
    ------
    InputError
        If the file has another ending.
    SourceError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis import projects_of, read_network
    >>> from ctzgis.network import scenarios_of
    >>> from ctzgis.sources.scenarios.reading import read_scenario
    >>> network = read_network()
    >>> card = scenarios_of(network, projects_of(network), year=2025)[1]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_scenario(card, Path(folder) / "dongzhu.yaml")
    ...     read_scenario(Path(folder) / "dongzhu.yaml", network)[0] == card
    True
    """
    import yaml

    path = Path(path)
    if path.suffix.lower() not in (".yaml", ".yml"):
        msg = f"{path.name}: a scenario is written as .yaml"
        raise InputError(msg)
    head = {
        "id": scenario.id,
        "name_zh": scenario.name_zh,
        "name_en": scenario.name_en,
        "year": scenario.year,
        "undated": scenario.undated,
        "without": list(scenario.without),
    }
    card: dict[str, Any]
    card = {key: value for key, value in head.items() if value not in (None, "", [])}
    card["crs"] = crs
    card["projects"] = [_project(project) for project in scenario.projects]
    text = yaml.dump(
        card, Dumper=_dumper(), allow_unicode=True, sort_keys=False,
        default_flow_style=None,
    )  # fmt: skip
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def _dumper() -> Any:
    """Return PyYAML's safe dumper, made to write values out instead of aliases."""
    import yaml

    class PlainDumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

    return PlainDumper


def _project(project: "Project") -> dict[str, Any]:
    told = {
        "id": project.id,
        "name_zh": project.name_zh,
        "name_en": project.name_en,
        "opens": project.opens,
    }
    kept: dict[str, Any] = {k: v for k, v in told.items() if v not in (None, "")}
    return {**kept, "edits": [_edit(edit, project) for edit in project.edits]}


def _edit(edit: "Edit", project: "Project") -> dict[str, Any]:
    """Return the entry of an edit."""
    if isinstance(edit, CloseRoad):
        return {"close_road": edit.road_id}
    if isinstance(edit, CloseLine):
        return {"close_line": edit.line_id}
    if isinstance(edit, ChangeHeadway):
        return {
            "change_headway": edit.line_id,
            "headway_min": _headways(edit.headway_min),
        }
    if isinstance(edit, AddLine):
        return {"add_line": edit.line.id, **_line(edit.line, project)}
    if isinstance(edit, UpgradeRoad):
        road = {"road_id": edit.by.road_id, **_road(edit.by)}
        return {"upgrade_road": edit.road_id, "by": road}
    return {"add_road": edit.road_id, **_road(edit)}


def _road(road: AddRoad) -> dict[str, Any]:
    values = {k: _plain(v) for k, v in road.values.items() if k != "geometry"}
    told = {key: None for key in _TOLD if key not in values}
    junctions = {k: list(p.coords[0]) for k, p in road.junctions.items()}
    return {
        **values,
        **told,
        **({"junctions": junctions} if junctions else {}),
        "course": _spots(road.values["geometry"]),
    }


def _line(line: "TransitLine", project: "Project") -> dict[str, Any]:
    """Return the values of a line, with its stops."""
    told: dict[str, Any] = {
        "name_zh": line.name_zh,
        "mode": line.mode,
        "status": line.status,
        "headway_min": _headways(line.headway_min),
        "closes": line.closes,
        "official_length_km": line.official_length_km,
        "replaces": line.replaces,
    }
    kept = {key: value for key, value in told.items() if value is not None}
    if line.opens != project.opens:
        kept["opens"] = line.opens
    if line.project_id != project.id:
        kept["project_id"] = line.project_id
    if line.one_way:
        kept["one_way"] = True
    if line.corridors:
        kept["corridors"] = {
            tag: [first + 1, last + 1] for tag, (first, last) in line.corridors.items()
        }
    return {**kept, "stops": _stops(line)}


def _stops(line: "TransitLine") -> list[dict[str, Any]]:
    entries = []
    for number, stop in enumerate(line.stops):
        entry: dict[str, Any] = {
            "station_id": stop.station_id,
            "name_zh": stop.name_zh,
            "at": list(stop.point.coords[0]),
            "run_min": stop.run_min,
        }
        if stop.dwell_min:
            entry["dwell_min"] = stop.dwell_min
        if number < len(line.sections):
            spots = _spots(line.sections[number])
            ends = (stop.point.coords[0], line.stops[number + 1].point.coords[0])
            if (tuple(spots[0]), tuple(spots[-1])) != ends:
                entry["course"] = spots
            elif len(spots) > 2:
                entry["via"] = spots[1:-1]
        entries.append(entry)
    return entries


def _headways(minutes: Any) -> dict[str, Any]:
    return {
        profile: "never" if math.isinf(value) else value
        for profile, value in minutes.items()
    }


def _spots(line: "shapely.LineString") -> list[list[float]]:
    return [list(spot) for spot in line.coords]


def _plain(value: Any) -> Any:
    """Return a value as Python has it, not NumPy."""
    return value.item() if hasattr(value, "item") else value
