"""Read scenario cards, whole and checked against a network (读取情景卡片)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from ctzgis.errors import EditError, InputError, PlanError, SourceError
from ctzgis.network import Project, Scenario
from ctzgis.network.edits import AddLine, AddRoad, UpgradeRoad
from ctzgis.network.roads import Undated
from ctzgis.network.scenarios import contradictions
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.plans.entries import parse_yaml
from ctzgis.sources.roads.networks import read_network
from ctzgis.sources.scenarios.edit_entries import EditReader
from ctzgis.sources.scenarios.entries import CardEntry
from ctzgis.sources.scenarios.fitting import require_fit
from ctzgis.sources.scenarios.positions import drawn_of
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.network import TravelNetwork
    from ctzgis.network.edits import Edit
    from ctzgis.provenance import Source
    from ctzgis.sources.scenarios.positions import Drawn

__all__ = ["read_scenario", "read_scenarios"]

_MOST_EDITS: Final = 10_000
_SHOWN: Final = 5
_ENDINGS: Final = (".yaml", ".yml")


def read_scenario(
    path: Path | str, network: "TravelNetwork | None" = None
) -> "tuple[Scenario, Source]":
    """
    Read a scenario card (``docs/scenario_format.md``) and check that it fits a network.

    Parameters
    ----------
    path
        YAML file; shapes may lie in a GeoJSON beside it.
    network
        Network of all years that it is put into; the shipped one if not given.

    Returns
    -------
    Scenario, Source
        The scenario, in the CRS of the network, and where it comes from.

    Raises
    ------
    SourceError
        If a file cannot be read.
    EditError, InputError
        If the card is wrong or does not fit the network; the message names the file,
        the project and the edit: an unknown road, a speed that is not above 0, a stop
        far from any road, a line of one stop, edits that contradict each other,
        replacements in a circle.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis.examples import gridville
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "faster.yaml"
    ...     _ = path.write_text(
    ...         "projects: [{id: fast, edits: [{upgrade_road: r0, with: {free_kph: 120}}]}]"
    ...     )
    ...     faster, _ = read_scenario(path, gridville())
    >>> float(faster.applied(gridville()).roads.roads.at["r0", "free_kph"])
    120.0
    """
    path = Path(path)
    if network is None:
        network = read_network()
    entry = CardEntry(path.name, "", _parsed(path))
    drawn = drawn_of(entry, path.parent, network.roads.crs)
    head: dict[str, Any] = {
        "id": entry.text("id", path.stem),
        "name_zh": entry.text("name_zh", path.stem),
        "name_en": entry.text("name_en", ""),
        "year": entry.year("year"),
        "undated": entry.word("undated", get_args(Undated), "exclude"),
        "without": tuple(map(str, entry.items("without"))),
    }
    listed = entry.items("projects")
    entry.close()
    try:
        base = Scenario(**head).base(network)
    except EditError as error:
        entry.fail(str(error))
    projects, places = _projects(entry, listed, base, drawn)
    edits = [edit for project in projects for edit in project.edits]
    for number, reason in contradictions(edits):
        places[number].fail(reason)
    require_fit(base, network, edits, places)
    report = ReadReport(
        rows_in=len(edits),
        rows_kept=len(edits),
        unit=Text("项编辑", "edits"),
        crs_in=drawn.from_crs.to_string() if drawn.from_crs else "",
        crs_out=network.roads.crs.to_string() if drawn.from_crs else "",
        changes=_unnamed(drawn, edits),
    )
    what = Text("情景：对路网的编辑", "scenario: edits of a network")
    source = file_source(path, what=what, report=report)
    return Scenario(**head, projects=projects), source


def _unnamed(drawn: "Drawn", edits: "Sequence[Edit]") -> tuple[Change, ...]:
    """Tell of shapes that no edit names: the file may serve others, or an id be misspelt."""
    named = set()
    for edit in edits:
        road = edit.by if isinstance(edit, UpgradeRoad) else edit
        if isinstance(road, AddRoad):
            named |= {road.road_id, *(road.values.get(k) for k in ("from_id", "to_id"))}
        elif isinstance(edit, AddLine):
            named |= {edit.line.id, *(stop.station_id for stop in edit.line.stops)}
    lost = tuple(sorted(drawn.shapes.keys() - named))
    if not lost:
        return ()
    what = Text(
        f"{drawn.file} 中没有编辑用到的图形",
        f"shapes in {drawn.file} that no edit names",
    )
    return (Change(action="noticed", what=what, count=len(lost), rows=lost[:_SHOWN]),)


def read_scenarios(
    folder: Path | str, network: "TravelNetwork | None" = None
) -> "tuple[dict[str, Scenario], tuple[Source, ...]]":
    """
    Read every card of a folder, by the ids of the scenarios in order of the files.

    Raises
    ------
    SourceError
        If the folder cannot be read.
    EditError, InputError
        As by ``read_scenario``; or if there is no card, or two share an id.
    """
    folder = Path(folder)
    if not folder.is_dir():
        msg = f"{folder} is no folder with scenario cards"
        raise SourceError(msg)
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _ENDINGS)
    if not paths:
        msg = f"{folder} has no scenario cards; files {' or '.join(_ENDINGS)} are expected"
        raise InputError(msg)
    if network is None:
        network = read_network()
    found: dict[str, Scenario] = {}
    sources = []
    for path in paths:
        scenario, source = read_scenario(path, network)
        if scenario.id in found:
            msg = f"{path.name}: scenario '{scenario.id}' is in another file already"
            raise EditError(msg)
        found[scenario.id] = scenario
        sources.append(source)
    return found, tuple(sources)


def _parsed(path: Path) -> Any:
    if path.suffix.lower() not in _ENDINGS:
        msg = f"{path.name} is no scenario card; {' or '.join(_ENDINGS)} is expected"
        raise InputError(msg)
    try:
        return parse_yaml(path)
    except PlanError as error:
        raise InputError(str(error)) from error


def _projects(
    entry: CardEntry, listed: list[Any], base: "TravelNetwork", drawn: "Drawn"
) -> tuple[tuple[Project, ...], list[CardEntry]]:
    """Return the projects of a card, and the entry of each of their edits."""
    reader = EditReader(
        drawn=drawn,
        roads=base.roads.roads,
        junctions=base.roads.junctions,
        lines=frozenset(line.id for line in base.lines),
        profiles=base.roads.profiles,
    )
    projects: dict[str, Project] = {}
    places: list[CardEntry] = []
    for number, raw in enumerate(listed, 1):
        inner = entry.inner(f"project {number}", raw)
        key = inner.needed_text("id")
        inner = entry.inner(f"project '{key}'", {**raw, "id": key})
        if key in projects:
            inner.fail("another project has this id already")
        projects[key] = _project(inner, reader, places)
    return tuple(projects.values()), places


def _project(entry: CardEntry, reader: EditReader, places: list[CardEntry]) -> Project:
    """Return a project, and add the entries of its edits to the list."""
    key = entry.needed_text("id")
    name_zh, name_en = entry.text("name_zh", key), entry.text("name_en", "")
    opens = entry.year("opens")
    raw_edits = entry.items("edits")
    entry.close()
    if not raw_edits:
        entry.fail("has no 'edits'; a list of one or more is expected")
    if len(places) + len(raw_edits) > _MOST_EDITS:
        entry.fail(f"the card has more than {_MOST_EDITS:,} edits")
    edits = []
    for number, raw in enumerate(raw_edits, 1):
        place = entry.inner(f"edit {number}", raw)
        edits.append(reader.read(place, project_id=key, opens=opens))
        places.append(place)
    return Project(
        id=key, name_zh=name_zh or key, name_en=name_en or "", opens=opens,
        edits=tuple(edits),
    )  # fmt: skip
