"""Read a plan from its folder of topic files (规划数据读取)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS
from ctzgis.errors import PlanError, SourceError, naming
from ctzgis.plan import (
    Baseline,
    Conflict,
    Corridor,
    CorridorSystem,
    Document,
    Element,
    Extent,
    FacilityKind,
    Place,
    Plan,
    PrecedenceRule,
    Printing,
    ServiceRule,
    Shape,
    Target,
    TargetList,
    Task,
    TimeCircle,
    TownLevel,
)
from ctzgis.sources.formats.files import data_folder, file_source
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.plans.codec import decode
from ctzgis.sources.plans.courses import courses_of, courses_on_network
from ctzgis.sources.plans.entries import Entry, read_entries, read_mapping
from ctzgis.sources.plans.layers import LAYERS, checked_layer, empty_layer
from ctzgis.sources.roads.networks import read_network
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.provenance import Source

__all__ = ["TOPICS", "Head", "assemble", "read_plan"]

TOPICS: Final[Mapping[str, type]] = {
    "documents": Document,
    "precedence": PrecedenceRule,
    "extents": Extent,
    "structure": Element,
    "corridors": Corridor,
    "systems": CorridorSystem,
    "places": Place,
    "targets": Target,
    "circles": TimeCircle,
    "rules": ServiceRule,
    "tasks": Task,
    "baselines": Baseline,
    "facilities": FacilityKind,
    "towns": TownLevel,
    "conflicts": Conflict,
    "printings": Printing,
}
"""Topics of a plan, each a file of its folder, and what their entries are."""

_REQUIRED: Final = ("documents", "extents", "structure", "places", "targets")

_HANDED_ON: Final = ("counties", "protected", "built_up", "water")
"""Layers a plan hands on as frames; the others are joined to its entries."""

_ONLY_ROLE: Final = {"extents": "area", "corridors": "course"}
"""Role of all shapes of a layer; those of the structure say theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What ``plan.yaml`` says: names, centres, and where the geometry lies."""

    id: str
    name: Text
    centres: tuple[str, ...] = ()
    central_areas: tuple[str, ...] = ()
    geometry: Mapping[str, Any]
    network: str = ""


def read_plan(
    plan: str | Path = "czt",
    *,
    data: Path | None = None,
    boundaries: Path | str | None = None,
) -> Plan:
    """
    Read a plan that ships with the library, or one of the user's own.

    Parameters
    ----------
    plan
        Id of a shipped plan (``"czt"``, ``"gridville"``), a folder with ``plan.yaml``,
        or a file that :func:`write_plan` wrote.
    data
        Folder of the data instead of the shipped one.
    boundaries
        A vector file with outlines of the plan's counties, by division code or name,
        instead of its own; see :func:`read_boundaries`.

    Returns
    -------
    Plan
        With all geometry in EPSG:4547.

    Raises
    ------
    SourceError
        If a file is missing or cannot be read.
    PlanError
        If an entry is wrong; the message names file, entry and reason.
    InputError
        If ``boundaries`` lacks a county or shows it elsewhere.

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> plan.target("t000_road_density").value
    7.0
    """
    path = Path(plan)
    if path.is_file():
        from ctzgis.sources.plans.files import read_plan_file

        with naming(path.name):
            read = read_plan_file(path)
        return _bounded(read, boundaries)
    folder = _plan_folder(plan, data)
    head = decode(Head, read_mapping(folder / "plan.yaml"))
    files = _geometry_files(head, folder)
    _require_known_files(folder)
    topics = {
        topic: read_entries(folder / f"{topic}.yaml")
        for topic in TOPICS
        if topic in _REQUIRED or (folder / f"{topic}.yaml").exists()
    }
    layers = {
        name: checked_layer(name, read_vector(path).frame, path.name)
        for name, path in files.items()
    }
    sources = (
        *(file_source(folder / f"{topic}.yaml") for topic in topics),
        *(file_source(path.resolve()) for path in files.values()),
    )
    network = read_network(folder / head.network) if head.network else None
    courses = courses_on_network(network) if network else {}
    with naming(folder.name):
        made = assemble(head, topics, layers, sources, courses=courses)
    return _bounded(made, boundaries, replaces=files["counties"].name)


def _bounded(
    plan: Plan, boundaries: Path | str | None, *, replaces: str = "counties.geojson"
) -> Plan:
    """Return a plan with a user's boundaries, if there are any."""
    if boundaries is None:
        return plan
    from ctzgis.sources.places.boundaries import with_boundaries

    return with_boundaries(plan, boundaries, replaces=replaces)


def _plan_folder(plan: str | Path, data: Path | None) -> Path:
    shipped = data_folder(data) / "plans"
    for candidate in (Path(plan), shipped / plan):
        if (candidate / "plan.yaml").is_file():
            return candidate
    known = sorted(p.parent.name for p in shipped.glob("*/plan.yaml"))
    msg = (
        f"no plan '{plan}': neither a folder with plan.yaml nor one of the shipped "
        f"plans ({', '.join(known)})"
    )
    raise SourceError(msg)


def _require_known_files(folder: Path) -> None:
    known = {"plan", *TOPICS}
    for path in sorted(folder.glob("*.y*ml")):
        if path.suffix != ".yaml" or path.stem not in known:
            msg = f"{path.name} is no topic of a plan; topics are {', '.join(TOPICS)}"
            raise PlanError(msg)


def _geometry_files(head: Head, folder: Path) -> dict[str, Path]:
    wrong = [name for name in head.geometry if name not in LAYERS]
    if wrong or "counties" not in head.geometry:
        msg = (
            f"plan.yaml, geometry: {', '.join(wrong) or 'counties missing'}; layers are "
            f"{', '.join(LAYERS)}, and counties are needed"
        )
        raise PlanError(msg)
    return {name: folder / str(file) for name, file in head.geometry.items()}


def assemble(
    head: Head,
    topics: Mapping[str, tuple[Entry, ...]],
    layers: "Mapping[str, gpd.GeoDataFrame]",
    sources: "tuple[Source, ...]",
    *,
    courses: Mapping[str, Shape],
) -> Plan:
    """
    Make a plan of its entries and its geometry.

    Parameters
    ----------
    head
        Names and centres.
    topics
        Entries by topic; a missing topic is empty.
    layers
        Geometry by layer, each as ``checked_layer`` returned it.
    sources
        Where all of it comes from.
    courses
        Courses of corridors by id, for corridors without drawn geometry; further ones
        run straight through their located waypoints.

    Raises
    ------
    PlanError
        If an entry is wrong, or geometry names an entry that does not exist.
    """
    made: dict[str, tuple[Any, ...]] = {
        topic: tuple(decode(kind, entry) for entry in topics.get(topic, ()))
        for topic, kind in TOPICS.items()
    }
    frames = {
        name: layers.get(name, empty_layer(name)).set_index(LAYERS[name].key)
        for name in _HANDED_ON
    }
    structure = _with_shapes(made["structure"], "structure", layers)
    places = _located(made["places"])
    return Plan(
        id=head.id,
        name=head.name,
        crs=REGION_CRS,
        centres=head.centres,
        central_areas=head.central_areas,
        documents=made["documents"],
        precedence_rules=made["precedence"],
        extents=_extents(made["extents"], layers, frames["counties"], structure),
        structure=structure,
        corridors=_corridors(made["corridors"], layers, courses, places),
        systems=made["systems"],
        places=places,
        targets=TargetList(made["targets"]),
        circles=made["circles"],
        rules=made["rules"],
        tasks=made["tasks"],
        baselines=made["baselines"],
        facilities=made["facilities"],
        towns=made["towns"],
        conflicts=made["conflicts"],
        printings=made["printings"],
        **frames,
        sources=sources,
    )


def _shapes(
    name: str, layers: "Mapping[str, gpd.GeoDataFrame]", known: Iterable[str]
) -> dict[str, tuple[Shape, ...]]:
    """Return the shapes of a layer by the id they are joined to."""
    found: defaultdict[str, list[Shape]] = defaultdict(list)
    for row in layers[name].to_dict("records") if name in layers else ():
        width = row["half_width_m"]
        found[row[LAYERS[name].key]].append(
            Shape(
                role=_ONLY_ROLE.get(name) or row["role"],
                geometry=row["geometry"],
                accuracy_m=float(row["accuracy_m"]),
                schematic=bool(row["schematic"]),
                source=row["source"],
                half_width_m=None if math.isnan(width) else width,
                drawn_to_stated_area=row.get("drawn_to_stated_area") is True,
            )
        )
    if lost := sorted(set(found) - set(known)):
        msg = f"geometry of {name} names unknown entries: {', '.join(lost)}"
        raise PlanError(msg)
    return {name: tuple(shapes) for name, shapes in found.items()}


def _with_shapes(
    entries: tuple[Any, ...], name: str, layers: "Mapping[str, gpd.GeoDataFrame]"
) -> tuple[Any, ...]:
    shapes = _shapes(name, layers, [entry.id for entry in entries])
    return tuple(replace(e, shapes=shapes.get(e.id, ())) for e in entries)


def _corridors(
    corridors: tuple[Corridor, ...],
    layers: "Mapping[str, gpd.GeoDataFrame]",
    courses: Mapping[str, Shape],
    places: tuple[Place, ...],
) -> tuple[Corridor, ...]:
    """Give corridors their course: drawn, on the network, or through waypoints."""
    drawn = _with_shapes(corridors, "corridors", layers)
    found = courses_of(corridors, places, courses)
    return tuple(
        corridor
        if corridor.shapes or corridor.id not in found
        else replace(corridor, shapes=(found[corridor.id],))
        for corridor in drawn
    )


def _located(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Give every location its point in the CRS of the plan."""
    import geopandas as gpd

    at = [place.location for place in places if place.location]
    degrees = gpd.points_from_xy(
        [a.lon for a in at], [a.lat for a in at], crs=GEOGRAPHIC_CRS
    )
    points = iter(degrees.to_crs(REGION_CRS))
    return tuple(
        replace(place, location=replace(place.location, point=next(points)))
        if place.location
        else place
        for place in places
    )


def _extents(
    extents: tuple[Extent, ...],
    layers: "Mapping[str, gpd.GeoDataFrame]",
    counties: "gpd.GeoDataFrame",
    structure: tuple[Element, ...],
) -> tuple[Extent, ...]:
    """Give extents their shape: drawn, an element's area, or a union of counties."""
    drawn = _shapes("extents", layers, [extent.id for extent in extents])
    areas = {e.id: e.shape("area") for e in structure}
    placed = []
    for extent in extents:
        missing = [code for code in extent.counties if code not in counties.index]
        if missing:
            msg = (
                f"extents.yaml, entry '{extent.id}': counties {', '.join(missing)} are "
                "not in the county boundaries"
            )
            raise PlanError(msg)
        if extent.id in drawn:
            shape: Shape | None = drawn[extent.id][0]
        elif extent.element:
            shape = areas.get(extent.element)
        else:
            shape = _county_shape(counties, extent.counties)
        placed.append(replace(extent, shape=shape))
    return tuple(placed)


def _county_shape(counties: "gpd.GeoDataFrame", codes: tuple[str, ...]) -> Shape | None:
    if not codes:
        return None
    return Shape(
        role="area",
        geometry=counties.geometry.loc[list(codes)].union_all(),
        accuracy_m=500.0,
        schematic=False,
        source="union of the county polygons",
    )
