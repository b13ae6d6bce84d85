"""Read a plan from its folder of topic files (规划数据读取)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.crs import REGION_CRS, region_transformer
from ctzgis.errors import PlanError, SourceError
from ctzgis.plan import (
    Baseline,
    Conflict,
    Corridor,
    CorridorSystem,
    Document,
    Element,
    Extent,
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
from ctzgis.sources.codec import decode
from ctzgis.sources.courses import courses_on_network, courses_through_waypoints
from ctzgis.sources.entries import Entry, read_entries, read_mapping
from ctzgis.sources.files import data_folder, file_source, read_layer
from ctzgis.sources.networks import read_network
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from ctzgis.provenance import Source

__all__ = ["LAYERS", "TOPICS", "assemble", "read_plan"]

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
    "towns": TownLevel,
    "conflicts": Conflict,
    "printings": Printing,
}
"""Topics of a plan, each a file of its folder, and what their entries are."""

_REQUIRED: Final = ("documents", "extents", "structure", "places", "targets")

LAYERS: Final[Mapping[str, str]] = {
    "counties": "code",
    "structure": "",
    "extents": "",
    "corridors": "",
    "protected": "id",
    "built_up": "centre_id",
    "water": "id",
}
"""Layers of geometry a plan may have, and the column that indexes those handed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What ``plan.yaml`` says: names, centres, and where the geometry lies."""

    id: str
    name: Text
    centres: tuple[str, ...] = ()
    central_areas: tuple[str, ...] = ()
    geometry: Mapping[str, Any]
    network: str = ""


def read_plan(plan: str | Path = "czt", *, data: Path | None = None) -> Plan:
    """
    Read a plan that ships with the library, or one of the user's own.

    Parameters
    ----------
    plan
        Id of a shipped plan (``"czt"``, ``"gridville"``), a folder with ``plan.yaml``,
        or a file that :func:`write_plan` wrote.
    data
        Folder of the data instead of the shipped one.

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

    Examples
    --------
    >>> from ctzgis import read_plan
    >>> plan = read_plan("czt")
    >>> plan.target("t000_road_density").value
    7.0
    """
    path = Path(plan)
    if path.is_file():
        from ctzgis.sources.plan_files import read_plan_file

        return read_plan_file(path)
    folder = _plan_folder(plan, data)
    head = decode(Head, read_mapping(folder / "plan.yaml"))
    files = _geometry_files(head, folder)
    topics = {
        topic: read_entries(folder / f"{topic}.yaml")
        for topic in TOPICS
        if topic in _REQUIRED or (folder / f"{topic}.yaml").is_file()
    }
    layers = {name: read_layer(path).to_crs(REGION_CRS) for name, path in files.items()}
    sources = (
        *(file_source(folder / f"{topic}.yaml") for topic in topics),
        *(file_source(path.resolve()) for path in files.values()),
    )
    network = read_network(folder / head.network) if head.network else None
    courses = courses_on_network(network) if network else {}
    return assemble(head, topics, layers, sources, courses=courses)


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
        Geometry by layer, in EPSG:4547.
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
        name: _indexed(layers.get(name), column)
        for name, column in LAYERS.items()
        if column
    }
    structure = _with_shapes(made["structure"], layers.get("structure"), "element_id")
    places = _located(made["places"])
    return Plan(
        id=head.id,
        name=head.name,
        crs=REGION_CRS,
        centres=head.centres,
        central_areas=head.central_areas,
        documents=made["documents"],
        precedence_rules=made["precedence"],
        extents=_extents(
            made["extents"], layers.get("extents"), frames["counties"], structure
        ),
        structure=structure,
        corridors=_corridors(
            made["corridors"], layers.get("corridors"), courses, places
        ),
        systems=made["systems"],
        places=places,
        targets=TargetList(made["targets"]),
        circles=made["circles"],
        rules=made["rules"],
        tasks=made["tasks"],
        baselines=made["baselines"],
        towns=made["towns"],
        conflicts=made["conflicts"],
        printings=made["printings"],
        **frames,
        sources=sources,
    )


def _indexed(layer: "gpd.GeoDataFrame | None", column: str) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    if layer is None:
        return gpd.GeoDataFrame({column: []}, geometry=[], crs=REGION_CRS).set_index(
            column
        )
    if column not in layer:
        msg = f"a layer of geometry has no column '{column}'"
        raise PlanError(msg)
    return layer.set_index(column)


def _shapes(
    layer: "gpd.GeoDataFrame | None", key: str, known: Iterable[str]
) -> dict[str, tuple[Shape, ...]]:
    """Return the shapes of a layer by the id they are joined to."""
    found: defaultdict[str, list[Shape]] = defaultdict(list)
    for row in [] if layer is None else layer.to_dict("records"):
        width, shape = row.get("half_width_m"), row["geometry"]
        owner = row.get(key)
        if shape is None or shape.is_empty or not shape.is_valid:
            msg = f"geometry of '{owner}' is missing, empty or invalid"
            raise PlanError(msg)
        found[str(owner)].append(
            Shape(
                role=str(row.get("role", "area")),
                geometry=shape,
                accuracy_m=float(row["accuracy_m"]),
                schematic=bool(row["schematic"]),
                source=str(row["source"]),
                half_width_m=None if width is None or width != width else float(width),
                drawn_to_stated_area=bool(row.get("drawn_to_stated_area", False)),
            )
        )
    if lost := sorted(set(found) - set(known)):
        msg = f"geometry names unknown entries: {', '.join(lost)}"
        raise PlanError(msg)
    return {name: tuple(shapes) for name, shapes in found.items()}


def _with_shapes(
    entries: tuple[Any, ...], layer: "gpd.GeoDataFrame | None", key: str
) -> tuple[Any, ...]:
    shapes = _shapes(layer, key, [entry.id for entry in entries])
    return tuple(replace(e, shapes=shapes.get(e.id, ())) for e in entries)


def _corridors(
    corridors: tuple[Corridor, ...],
    layer: "gpd.GeoDataFrame | None",
    courses: Mapping[str, Shape],
    places: tuple[Place, ...],
) -> tuple[Corridor, ...]:
    """Give corridors their course: drawn, on the network, or through waypoints."""
    drawn = _with_shapes(corridors, layer, "corridor_id")
    straight = courses_through_waypoints(corridors, places)
    return tuple(
        corridor
        if corridor.shapes
        or (course := courses.get(corridor.id) or straight.get(corridor.id)) is None
        else replace(corridor, shapes=(course,))
        for corridor in drawn
    )


def _located(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Give every location its point in the CRS of the plan."""
    import shapely

    at = [place.location for place in places if place.location]
    x, y = region_transformer().transform([a.lon for a in at], [a.lat for a in at])
    points = iter(shapely.points(x, y) if at else [])
    return tuple(
        replace(place, location=replace(place.location, point=next(points)))
        if place.location
        else place
        for place in places
    )


def _extents(
    extents: tuple[Extent, ...],
    layer: "gpd.GeoDataFrame | None",
    counties: "gpd.GeoDataFrame",
    structure: tuple[Element, ...],
) -> tuple[Extent, ...]:
    """Give extents their shape: drawn, an element's area, or a union of counties."""
    drawn = _shapes(layer, "extent_id", [extent.id for extent in extents])
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
