"""Read a plan from its folder of topic files (规划数据读取)."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ctzgis.crs import GEOGRAPHIC_CRS, REGION_CRS
from ctzgis.errors import PlanError, SourceError
from ctzgis.plan import (
    Comparator,
    Corridor,
    CorridorGroup,
    CorridorSystem,
    Direction,
    Document,
    Element,
    Extent,
    Location,
    Measure,
    Member,
    Place,
    Plan,
    Shape,
    Superseded,
    Target,
    TimeCircle,
)
from ctzgis.sources.entries import Entry, read_entries, read_mapping
from ctzgis.sources.files import data_folder, file_source, read_layer
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely import Point

    from ctzgis.provenance import Source

__all__ = ["read_plan"]

_TOPICS = (
    "documents",
    "extents",
    "structure",
    "corridors",
    "systems",
    "places",
    "targets",
    "circles",
)


def read_plan(plan: str | Path = "czt", *, data: Path | None = None) -> Plan:
    """
    Read a plan that ships with the library, or one from a folder.

    Parameters
    ----------
    plan
        Id of a shipped plan (``"czt"``) or a folder with ``plan.yaml``.
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
    folder = _plan_folder(plan, data)
    head = read_mapping(folder / "plan.yaml")
    files = _geometry_files(head, folder)
    layers = {name: _layer(path) for name, path in files.items()}
    topics = {topic: read_entries(folder / f"{topic}.yaml") for topic in _TOPICS}
    counties = layers["counties"].set_index("code")
    shapes = _shapes(layers["structure"], key="element_id")
    structure = tuple(_element(e, shapes) for e in topics["structure"])
    known = {element.id for element in structure}
    if lost := set(shapes) - known:
        msg = f"structure geometry names unknown elements: {', '.join(sorted(lost))}"
        raise PlanError(msg)
    result = Plan(
        id=head.text("id"),
        name=head.bilingual("name"),
        crs=REGION_CRS,
        centres=head.texts("centres"),
        central_areas=head.texts("central_areas"),
        documents=tuple(_document(e) for e in topics["documents"]),
        extents=_extents(topics["extents"], layers["extents"], counties, structure),
        structure=structure,
        corridors=tuple(_corridor(e) for e in topics["corridors"]),
        systems=tuple(_system(e) for e in topics["systems"]),
        places=_places(topics["places"]),
        targets=tuple(_target(e) for e in topics["targets"]),
        circles=tuple(_circle(e) for e in topics["circles"]),
        counties=counties,
        protected=layers["protected"].set_index("id"),
        built_up=layers["built_up"].set_index("centre_id"),
        water=layers["water"].set_index("id"),
        sources=_sources(folder, files),
    )
    head.close()
    return result


def _plan_folder(plan: str | Path, data: Path | None) -> Path:
    shipped = data_folder(data) / "plans"
    candidates = [Path(plan), shipped / plan]
    for candidate in candidates:
        if (candidate / "plan.yaml").is_file():
            return candidate
    known = sorted(p.parent.name for p in shipped.glob("*/plan.yaml"))
    msg = (
        f"no plan '{plan}': neither a folder with plan.yaml nor one of the shipped "
        f"plans ({', '.join(known)})"
    )
    raise SourceError(msg)


def _geometry_files(head: Entry, folder: Path) -> dict[str, Path]:
    geometry = head.entry("geometry")
    if geometry is None:
        head.fail("'geometry' is missing")
    names = ("counties", "structure", "extents", "protected", "built_up", "water")
    files = {name: folder / geometry.text(name) for name in names}
    geometry.close()
    return files


def _layer(path: Path) -> "gpd.GeoDataFrame":
    return read_layer(path).to_crs(REGION_CRS)


def _sources(folder: Path, files: dict[str, Path]) -> "tuple[Source, ...]":
    topics = (file_source(folder / f"{topic}.yaml") for topic in _TOPICS)
    return (*topics, *(file_source(path.resolve()) for path in files.values()))


def _shapes(layer: "gpd.GeoDataFrame", *, key: str) -> dict[str, tuple[Shape, ...]]:
    found: defaultdict[str, list[Shape]] = defaultdict(list)
    for row in layer.to_dict("records"):
        width = row.get("half_width_m")
        found[row[key]].append(
            Shape(
                role=row.get("role", "area"),
                geometry=row["geometry"],
                accuracy_m=float(row["accuracy_m"]),
                schematic=bool(row["schematic"]),
                source=row["source"],
                half_width_m=None if width is None or width != width else float(width),
                drawn_to_stated_area=bool(row["drawn_to_stated_area"]),
            )
        )
    return {name: tuple(shapes) for name, shapes in found.items()}


def _document(e: Entry) -> Document:
    document = Document(
        id=e.text("id"),
        name=e.bilingual("name"),
        short=e.bilingual("short"),
        issuer_zh=e.text("issuer_zh"),
        date=e.optional_text("date"),
        period=e.text("period"),
        extent=e.text("extent"),
        precedence=e.whole("precedence"),
        completeness=e.text("completeness"),
    )
    e.close()
    return document


def _element(e: Entry, shapes: dict[str, tuple[Shape, ...]]) -> Element:
    key = e.text("id")
    element = Element(
        id=key,
        name=e.bilingual("name"),
        kind=e.text("kind"),
        parent=e.optional_text("parent"),
        citation=e.citation(),
        spine=e.texts("spine"),
        members=tuple(_member(m) for m in e.entries("members")),
        shapes=shapes.get(key, ()),
        stated_area_km2=e.optional_number("stated_area_km2"),
        note=e.text("note", ""),
    )
    e.close()
    return element


def _member(e: Entry) -> Member:
    member = Member(place=e.text("place"), relation=e.text("relation"))
    e.close()
    return member


def _corridor(e: Entry) -> Corridor:
    e.entries("segments")  # roads by city, for readers of the file
    e.text("design", "")
    corridor = Corridor(
        id=e.text("id"),
        name=e.bilingual("name"),
        mode=e.text("mode"),
        status=e.text("status"),
        citation=e.citation(),
        waypoints=e.texts("waypoints"),
        note=e.text("note", ""),
    )
    e.close()
    return corridor


def _system(e: Entry) -> CorridorSystem:
    system = CorridorSystem(
        id=e.text("id"),
        name=e.bilingual("name"),
        citation=e.citation(),
        groups=tuple(_group(g) for g in e.entries("groups")),
    )
    e.close()
    return system


def _group(e: Entry) -> CorridorGroup:
    group = CorridorGroup(
        name=e.bilingual("name"),
        declared_count=e.optional_whole("declared_count"),
        members=e.texts("members"),
        note=e.text("note", ""),
    )
    e.close()
    return group


def _circle(e: Entry) -> TimeCircle:
    e.text("origins_zh", "")
    e.text("destinations_zh", "")
    circle = TimeCircle(
        id=e.text("id"),
        name=e.bilingual("name"),
        citation=e.citation(),
        minutes=e.optional_number("minutes"),
        distance_km=e.optional_number("distance_km"),
        origins=e.texts("origins"),
        destinations=e.texts("destinations"),
        destination_elements=e.texts("destination_elements"),
        modes=e.texts("modes"),
        mode_stated=e.text("mode_stated", ""),
        year=e.optional_whole("year"),
    )
    e.close()
    return circle


def _target(e: Entry) -> Target:
    measure, superseded = e.entry("measure"), e.entry("superseded")
    needs_zh, needs_en = e.optional_text("needs_zh"), e.optional_text("needs_en")
    if (needs_zh is None) != (needs_en is None):
        e.fail("'needs_zh' and 'needs_en' come together")
    target = Target(
        id=e.text("id"),
        name=e.bilingual("name"),
        kind=e.text("kind"),
        method=e.text("method"),
        comparator=e.word("comparator", Comparator),
        direction=e.word("direction", Direction, Direction.RISING),
        value=e.number("value"),
        unit=e.text("unit"),
        year=e.optional_whole("year"),
        extent=e.text("extent"),
        citation=e.citation(),
        basis=e.text("basis", "printed"),
        note=e.text("note", ""),
        measure=None if measure is None else _measure(measure),
        needs=Text(needs_zh, needs_en) if needs_zh and needs_en else None,
        replaces=e.texts("replaces"),
        repeats=e.optional_text("repeats"),
        superseded=None if superseded is None else _superseded(superseded),
    )
    e.close()
    return target


def _measure(e: Entry) -> Measure:
    measure = Measure(
        indicator=e.text("indicator"),
        circle=e.optional_text("circle"),
        system=e.optional_text("system"),
    )
    e.close()
    return measure


def _superseded(e: Entry) -> Superseded:
    superseded = Superseded(
        year=e.whole("year"),
        value=e.optional_number("value"),
        by=Text(e.text("by_zh"), e.text("by_en")),
        source=e.text("source"),
    )
    e.close()
    return superseded


def _places(entries: tuple[Entry, ...]) -> tuple[Place, ...]:
    import geopandas as gpd

    located = [e.entry("location") for e in entries]
    lon = [float("nan") if x is None else x.number("lon") for x in located]
    lat = [float("nan") if x is None else x.number("lat") for x in located]
    points = gpd.points_from_xy(lon, lat, crs=GEOGRAPHIC_CRS).to_crs(REGION_CRS)
    return tuple(
        _place(e, None if x is None else _location(x, point))
        for e, x, point in zip(entries, located, points, strict=True)
    )


def _location(e: Entry, point: "Point") -> Location:
    location = Location(
        point=point,
        at_zh=e.text("at_zh"),
        accuracy_m=e.number("accuracy_m"),
        verified=e.flag("verified"),
        source=e.text("source"),
    )
    e.close()
    return location


def _place(e: Entry, location: Location | None) -> Place:
    place = Place(
        id=e.text("id"),
        name=e.bilingual("name"),
        kind=e.text("kind"),
        city_zh=e.optional_text("city_zh"),
        county_zh=e.optional_text("county_zh"),
        citation=e.citation(),
        aliases=e.texts("aliases"),
        location=location,
    )
    e.close()
    return place


def _extents(
    entries: tuple[Entry, ...],
    layer: "gpd.GeoDataFrame",
    counties: "gpd.GeoDataFrame",
    structure: tuple[Element, ...],
) -> tuple[Extent, ...]:
    drawn = _shapes(layer, key="extent_id")
    if lost := set(drawn) - {e.label.split("'")[1] for e in entries}:
        msg = f"extent geometry names unknown extents: {', '.join(sorted(lost))}"
        raise PlanError(msg)
    areas = {e.id: shape for e in structure if (shape := e.shape("area"))}
    return tuple(_extent(e, drawn, counties, areas) for e in entries)


def _extent(
    e: Entry,
    drawn: dict[str, tuple[Shape, ...]],
    counties: "gpd.GeoDataFrame",
    areas: dict[str, Shape],
) -> Extent:
    e.text("composition_zh", "")
    e.text("other_parts_zh", "")
    key, codes, element = e.text("id"), e.texts("counties"), e.optional_text("element")
    if missing := [code for code in codes if code not in counties.index]:
        e.fail(f"counties {', '.join(missing)} are not in the county boundaries")
    if element is not None and element not in areas:
        e.fail(f"element '{element}' has no area")
    if key in drawn:
        shape: Shape | None = drawn[key][0]
    elif element is not None:
        shape = areas[element]
    else:
        shape = _county_shape(counties, codes)
    extent = Extent(
        id=key,
        name=e.bilingual("name"),
        citation=e.citation(),
        counties=codes,
        places=e.texts("places"),
        shape=shape,
        stated_area_km2=e.optional_number("stated_area_km2"),
        note=e.text("note", ""),
    )
    e.close()
    return extent


def _county_shape(counties: "gpd.GeoDataFrame", codes: tuple[str, ...]) -> Shape | None:
    if not codes:
        return None
    return Shape(
        role="area",
        geometry=counties.geometry.loc[list(codes)].union_all(),
        accuracy_m=500.0,
        schematic=False,
        source="union of the shipped county polygons",
    )
