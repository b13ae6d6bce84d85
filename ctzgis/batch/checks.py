"""Checks as a file states them: what is to be reached, from where, in what time (检查)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from ctzgis.batch.sections import Section, hint
from ctzgis.network import Direction, Mode
from ctzgis.sources.formats.files import read_toml
from ctzgis.sources.places.datum import Datum
from ctzgis.sources.places.placing import Axes
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SHIPPED_YEAR",
    "Check",
    "NetworkInput",
    "PointsInput",
    "Reading",
    "Threshold",
    "read_checks",
]

Kind = Literal["travel_time", "opportunities", "area"]
"""What is measured for each origin: minutes, what it reaches, or how much land."""

Reach = Literal["any", "all", "another_city"]
"""Which of the destinations counts: the nearest, the farthest, the nearest of another city."""

SHIPPED_YEAR: Final = 2020
"""Year of the shipped network if none is given."""

# A word is a shipped plan, anything like a path one of the user's own.
_PATH_LIKE: Final = frozenset("./\\")

_MINUTES: Final = "minutes above 0 are expected"
_SHARE: Final = "a share above 0 and up to 1, 0.9 for 90 %, is expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    How a file's coordinates and texts are to be understood.

    Attributes
    ----------
    crs, datum, axes, layer, encoding
        As for ``read_network`` and ``read_points``.
    """

    crs: str | None = None
    datum: Datum = "wgs84"
    axes: Axes = "xy"
    layer: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInput:
    """
    A network to be read.

    Attributes
    ----------
    files
        What ``read_network`` reads, joined to one; none for the network that ships.
    year
        The network is taken as it stands at the end of this year. Without one it is the
        shipped network of 2020, or that of the files if nothing in it opens or closes.
    reading
        How the files are read.
    """

    files: tuple[Path, ...] = ()
    year: int | None = None
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsInput:
    """
    Points to be read: of a file, of a plan, or the settlements that ship.

    Attributes
    ----------
    name
        What a file of checks calls them.
    file
        What ``read_points`` reads as ``reading`` says; ``id_column``, ``name_column`` and
        ``city_column`` are its fields.
    plan
        Id of a shipped plan, or the path of a plan's folder or file. Of its places those count that
        are its ``centres``, members of an ``element`` or of a part of it, towns of a
        ``town_level``, of a ``kind``: all that is said must hold.
    shipped
        ``"settlements"``: those of the 2020 census, with their people.
    """

    name: str = "points"
    file: Path | None = None
    id_column: str | None = None
    name_column: str | None = None
    city_column: str | None = None
    reading: Reading = Reading()
    plan: str | None = None
    centres: bool = False
    element: str | None = None
    town_level: str | None = None
    kind: str | None = None
    shipped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """
    What a check wants.

    Attributes
    ----------
    origins
        Of which origins: ``"every"``, ``"median"`` or a ``"share"`` of them.
    share
        How many of them, at least (0–1), if it is a share.
    each
        What an origin must keep: at most so many minutes, or at least so much.
    """

    origins: Literal["every", "median", "share"]
    each: float
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One check: a measure, its inputs, and what is wanted of it.

    Attributes
    ----------
    id
        Its name on the command line and in reports, unique in its file.
    title
        What it checks, in words.
    kind
        ``"travel_time"``, ``"opportunities"`` or ``"area"``.
    network, origins, destinations
        What is read; ``destinations`` are the opportunities where it adds them up, and
        ``None`` for an area.
    threshold
        What is wanted.
    reach
        Which destinations count for an origin: ``"any"``, ``"all"`` or one of
        ``"another_city"``.
    value
        Column of the opportunities that is added up.
    mode, profile, direction
        As for ``travel_times``; ``"to"`` are trips to the origins.
    cutoff_min
        Minutes within which something counts; ``None`` where times themselves are judged.
    off_road_m
        How far an area reaches off the road.
    """

    id: str
    title: Text
    kind: Kind
    network: NetworkInput
    origins: PointsInput
    destinations: PointsInput | None
    threshold: Threshold
    reach: Reach = "all"
    value: str = "population"
    mode: Mode = "drive"
    profile: str = "free"
    direction: Direction = "from"
    cutoff_min: float | None = None
    off_road_m: float | None = None


def read_checks(path: Path | str) -> tuple[Check, ...]:
    """
    Read a file of checks.

    Only the file itself is read: what it names is looked for when a check is run, so
    that one missing file does not keep the others from being checked.

    Parameters
    ----------
    path
        A TOML file with ``[network]``, ``[points.NAME]`` and ``[[check]]``; ``docs/checks.md``
        describes them. Files it names are looked for from its own folder.

    Returns
    -------
    tuple of Check
        In the order of the file.

    Raises
    ------
    SourceError
        If the file cannot be read.
    InputError
        If it is no TOML, or a key is missing, unknown or wrong; the message names file,
        table and key, and what is expected.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "checks.toml"
    >>> _ = path.write_text('''
    ... [points.centres]
    ... plan = "czt"
    ... centres = true
    ...
    ... [points.clusters]
    ... plan = "czt"
    ... element = "clusters_multi"
    ...
    ... [[check]]
    ... id = "another_city_60"
    ... title_zh = "组团一小时通达另一市中心"
    ... title_en = "Clusters reach another city's centre in an hour"
    ... kind = "travel_time"
    ... origins = "clusters"
    ... destinations = "centres"
    ... reach = "another_city"
    ... cutoff_min = 60
    ... share_of_origins_at_least = 0.9
    ... ''', encoding="utf-8")
    >>> [check.title.zh for check in read_checks(path)]
    ['组团一小时通达另一市中心']
    """
    path = Path(path)
    top = Section(path.name, "the file", read_toml(path))
    network = _network(top.table("network"), path.parent)
    points = {
        name: _points(section, name, path.parent)
        for name, section in top.inner("points").items()
    }
    checks = tuple(_check(row, network, points) for row in top.rows("check"))
    top.close()
    ids = [check.id for check in checks]
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        top.fail(f"check ids stand twice: {', '.join(twice)}; give each its own")
    return checks


def _network(section: Section, folder: Path) -> NetworkInput:
    files = tuple(folder / name for name in section.texts("files"))
    year = section.year("year") or (None if files else SHIPPED_YEAR)
    # The shipped network says all of this itself.
    reading = _reading(section) if files else Reading()
    section.close()
    return NetworkInput(files=files, year=year, reading=reading)


def _reading(section: Section) -> Reading:
    return Reading(
        crs=section.text("crs"),
        datum=cast("Datum", section.word("datum", get_args(Datum), "wgs84")),
        axes=cast("Axes", section.word("axes", get_args(Axes), "xy")),
        layer=section.text("layer"),
        encoding=section.text("encoding"),
    )


def _points(section: Section, name: str, folder: Path) -> PointsInput:
    given = [key for key in ("file", "plan", "shipped") if key in section]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        section.fail(f"one of 'file', 'plan' or 'shipped' is expected; found {found}")
    if given == ["file"]:
        made = PointsInput(
            name=name,
            file=folder / section.needed_text("file"),
            id_column=section.text("id_column"),
            name_column=section.text("name_column"),
            city_column=section.text("city_column"),
            reading=_reading(section),
        )
    elif given == ["plan"]:
        plan = section.needed_text("plan")
        made = PointsInput(
            name=name,
            plan=str(folder / plan) if _PATH_LIKE & set(plan) else plan,
            centres=section.flag("centres"),
            element=section.text("element"),
            town_level=section.text("town_level"),
            kind=section.text("kind"),
        )
    else:
        made = PointsInput(name=name, shipped=section.word("shipped", ("settlements",)))
    section.close()
    return made


def _check(
    row: Section, network: NetworkInput, points: "Mapping[str, PointsInput]"
) -> Check:
    key = row.needed_text("id")
    zh, en = row.text("title_zh"), row.text("title_en")
    kind = cast("Kind", row.word("kind", get_args(Kind)))
    year = row.year("year")
    base = Check(
        id=key,
        title=Text(zh or en or key, en or zh or key),
        kind=kind,
        network=network if year is None else replace(network, year=year),
        origins=_named(row, "origins", points),
        destinations=None,
        threshold=Threshold(origins="every", each=0.0),
        mode=cast("Mode", row.word("mode", get_args(Mode), "drive")),
        profile=row.text("profile", "free") or "free",
    )
    made = _OF_KIND[kind](row, base, points)
    row.close()
    return made


def _named(row: Section, key: str, points: "Mapping[str, PointsInput]") -> PointsInput:
    name = row.needed_text(key)
    if name not in points:
        known = ", ".join(points) or "none"
        row.fail(
            f"'{key}' is {name!r}; the name of a table [points.NAME] is expected"
            f"{hint(name, points)}; there are: {known}"
        )
    return points[name]


def _direction(row: Section) -> Direction:
    return cast("Direction", row.word("direction", get_args(Direction), "from"))


def _travel_time(
    row: Section, base: Check, points: "Mapping[str, PointsInput]"
) -> Check:
    wanted = {
        "share": row.number("share_of_origins_at_least", _SHARE, most=1),
        "median": row.number("median_at_most_min", _MINUTES),
        "every": row.number("every_at_most_min", _MINUTES),
    }
    given = [name for name, value in wanted.items() if value is not None]
    if len(given) != 1:
        row.fail(
            "one of 'share_of_origins_at_least', 'median_at_most_min' or "
            f"'every_at_most_min' is expected; found {len(given)}"
        )
    share = wanted["share"]
    # Where times themselves are judged, a cutoff beside them would say nothing.
    cutoff = row.needed_number("cutoff_min", _MINUTES) if share is not None else None
    each = cutoff or wanted["median"] or wanted["every"]
    return replace(
        base,
        destinations=_named(row, "destinations", points),
        reach=cast("Reach", row.word("reach", get_args(Reach))),
        direction=_direction(row),
        cutoff_min=cutoff,
        threshold=Threshold(
            origins=cast("Literal['every', 'median', 'share']", given[0]),
            each=cast("float", each),
            share=share,
        ),
    )


def _opportunities(
    row: Section, base: Check, points: "Mapping[str, PointsInput]"
) -> Check:
    return replace(
        base,
        destinations=_named(row, "opportunities", points),
        value=row.text("value", "population") or "population",
        direction=_direction(row),
        cutoff_min=row.needed_number("cutoff_min", _MINUTES),
        threshold=_at_least(
            row, "opportunities_at_least", "a number above 0 is expected"
        ),
    )


def _area(row: Section, base: Check, _points: "Mapping[str, PointsInput]") -> Check:
    return replace(
        base,
        direction=_direction(row),
        cutoff_min=row.needed_number("cutoff_min", _MINUTES),
        off_road_m=row.number("off_road_m", "metres above 0 are expected"),
        threshold=_at_least(row, "area_at_least_km2", "km² above 0 are expected"),
    )


def _at_least(row: Section, key: str, what: str) -> Threshold:
    each = row.number(key, what)
    if each is None:
        row.fail(f"'{key}' is missing; {what}")
    share = row.number("share_of_origins_at_least", _SHARE, most=1)
    return Threshold(
        origins="every" if share is None else "share", each=each, share=share
    )


_OF_KIND: Final = {
    "travel_time": _travel_time,
    "opportunities": _opportunities,
    "area": _area,
}
