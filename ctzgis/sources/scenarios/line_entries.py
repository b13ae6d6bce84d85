"""Lines of scenario cards, stop by stop (线路条目)."""

from typing import TYPE_CHECKING, Any, get_args

from ctzgis.errors import InputError
from ctzgis.network import Stop, TransitLine
from ctzgis.network.lines import LineMode
from ctzgis.sources.scenarios.entries import hint
from ctzgis.tables import STATUSES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import shapely

    from ctzgis.sources.scenarios.entries import CardEntry
    from ctzgis.sources.scenarios.positions import Drawn

__all__ = ["read_headways", "read_line"]


def read_line(
    entry: "CardEntry",
    key: str,
    dated: "Mapping[str, Any]",
    drawn: "Drawn",
    profiles: "Collection[str]",
) -> TransitLine:
    """
    Return a line with its stops.

    Parameters
    ----------
    entry
        Where it stands.
    key
        Its id.
    dated
        The project that builds it, and the year if that is known.
    drawn
        Positions and shapes of the card.
    profiles
        Profiles that the network knows.

    Raises
    ------
    EditError
        If the entry is wrong.
    """
    raw_stops = entry.items("stops")
    stops, legs = [], []
    for number, raw in enumerate(raw_stops, 1):
        inner = entry.inner(f"stop {number}", raw)
        stops.append(_stop(inner, drawn, last=number == len(raw_stops)))
        legs.append(_leg(inner, drawn))
        inner.close()
    opens = dated.get("opens")
    told: dict[str, Any] = {
        "name_zh": entry.text("name_zh", key),
        "mode": entry.word("mode", get_args(LineMode)),
        "status": entry.word("status", STATUSES, "planned"),
        "headway_min": read_headways(entry, profiles),
        # A key that holds nothing says that there is nothing.
        "opens": entry.year("opens") if "opens" in entry else opens and int(opens),
        "project_id": entry.text("project_id")
        if "project_id" in entry
        else dated["project_id"],
        "closes": entry.year("closes"),
        "official_length_km": entry.number("official_length_km", above=0),
        "replaces": entry.text("replaces"),
        "one_way": entry.flag("one_way", default=False),
        "corridors": _corridors(entry, len(stops)),
        "sections": tuple(
            _section(leg, here.point, there.point)
            for leg, here, there in zip(legs, stops, stops[1:], strict=False)
        ),
    }
    try:
        return TransitLine(id=key, stops=tuple(stops), **told)
    except InputError as error:
        entry.fail(str(error))


def _stop(entry: "CardEntry", drawn: "Drawn", *, last: bool) -> Stop:
    key = entry.needed_id("station_id")
    run_min = entry.number("run_min", 0.0 if last else None)
    if run_min is None:
        entry.fail("'run_min' is missing; minutes to the next stop are expected")
    return Stop(
        station_id=key,
        name_zh=entry.text("name_zh", key) or key,
        point=drawn.point(entry, "at", key),
        run_min=run_min,
        dwell_min=entry.number("dwell_min", 0.0) or 0.0,
    )


def _leg(entry: "CardEntry", drawn: "Drawn") -> tuple[str, list[tuple[float, float]]]:
    """Return the course to the next stop: points between, or all of it."""
    via, course = (drawn.positions(entry, key) for key in ("via", "course"))
    if via and course:
        entry.fail("'via' and 'course' are both given; one is expected")
    if len(course) == 1:
        entry.fail("'course' has one position; two or more are expected")
    return ("course", course) if course else ("via", via)


def read_headways(entry: "CardEntry", profiles: "Collection[str]") -> dict[str, float]:
    """
    Take out minutes between trains by profile; ``never`` where none runs.

    Raises
    ------
    EditError
        If one is no number above 0, or the network does not know its profile.
    """
    raw = entry.take("headway_min")
    if raw is None:
        return {}
    inner = entry.inner("headway_min", raw)
    found = {}
    for profile in list(raw):
        name = str(profile)
        if name not in profiles:
            known = ", ".join(profiles)
            inner.fail(
                f"{name!r} is no profile of the network, which has {known}"
                f"{hint(name, profiles)}"
            )
        if raw[profile] == "never":
            found[name] = float("inf")
        else:
            minutes = inner.number(name, above=0)
            if minutes is None:
                inner.fail(f"'{name}' is empty; minutes, or never, are expected")
            found[name] = minutes
    return found


def _section(
    leg: tuple[str, list[tuple[float, float]]],
    here: "shapely.Point",
    there: "shapely.Point",
) -> "shapely.LineString":
    import shapely

    kind, spots = leg
    whole = spots if kind == "course" else [here, *map(shapely.Point, spots), there]
    return shapely.LineString(whole)


def _corridors(entry: "CardEntry", stops: int) -> dict[str, tuple[int, int]]:
    """Take out corridors with their first and last stop, counted from 1."""
    raw = entry.take("corridors")
    if raw is None:
        return {}
    inner = entry.inner("corridors", raw)
    found = {}
    for tag in list(raw):
        part = inner.items(str(tag))
        whole = len(part) == 2 and all(isinstance(n, int) for n in part)
        if not whole or not 1 <= part[0] < part[1] <= stops:
            inner.fail(f"'{tag}' is {part!r}; [first, last] stop (1 to {stops})")
        found[str(tag)] = (part[0] - 1, part[1] - 1)
    return found
