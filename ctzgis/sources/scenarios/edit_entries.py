"""Edits of scenario cards, entry by entry (编辑条目)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_args

from ctzgis.errors import InputError
from ctzgis.network import (
    CLASS_KPH,
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    Stop,
    TransitLine,
    UpgradeRoad,
)
from ctzgis.network.lines import LineMode
from ctzgis.sources.scenarios.entries import hint, is_number
from ctzgis.tables import ROAD_CLASSES, ROADS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import shapely

    from ctzgis.network import Edit
    from ctzgis.sources.scenarios.entries import CardEntry
    from ctzgis.sources.scenarios.positions import Drawn

__all__ = ["VERBS", "EditReader"]

VERBS: Final = (
    "add_road", "upgrade_road", "close_road", "add_line", "close_line",
    "change_headway",
)  # fmt: skip
"""First key of an edit: what it does, and to which road or line."""

# Columns a network may have that no road may lack, and what they follow from.
_MODES: Final = {"drive": ("path",), "walk": ("motorway",), "cycle": ("motorway",)}


@dataclass(frozen=True, slots=True, eq=False)
class EditReader:
    """
    Reads the edits of a card, each of which may name what earlier ones add.

    Attributes
    ----------
    drawn
        Positions and shapes of the card.
    roads, junctions
        What is there before any edit.
    lines
        Ids of the lines that are there.
    new_roads, new_junctions, new_lines
        What the edits read so far add.
    """

    drawn: "Drawn"
    roads: "gpd.GeoDataFrame"
    junctions: "gpd.GeoDataFrame"
    lines: "frozenset[str]"
    new_roads: "dict[str, Mapping[str, Any]]" = field(default_factory=dict)
    new_junctions: "dict[str, shapely.Point]" = field(default_factory=dict)
    new_lines: "set[str]" = field(default_factory=set)

    def read(self, entry: "CardEntry", *, project_id: str, opens: int | None) -> "Edit":
        """
        Return the edit of an entry.

        Parameters
        ----------
        entry
            One edit of a project.
        project_id, opens
            The project, and the year it opens: what its roads and lines are told.

        Raises
        ------
        EditError
            If the entry is wrong, or names what is not there.
        """
        dated: dict[str, Any] = {"project_id": project_id}
        if opens is not None:
            dated["opens"] = float(opens)
        verbs = [verb for verb in VERBS if verb in entry]
        if len(verbs) != 1:
            found = " and ".join(verbs) if verbs else "none"
            entry.fail(f"one of {', '.join(VERBS)} is expected, found {found}")
        verb = verbs[0]
        key = entry.needed_id(verb)
        edit: Edit
        if verb == "add_road":
            edit = self._road(entry, key, dated)
        elif verb == "upgrade_road":
            edit = self._upgrade(entry, key, dated)
        elif verb == "add_line":
            edit = AddLine(line=self._line(entry, key, dated))
        elif verb == "close_road":
            edit = CloseRoad(road_id=self._known_road(entry, key))
        elif verb == "close_line":
            edit = CloseLine(line_id=self._known_line(entry, key))
        else:
            edit = self._headway(entry, key)
        entry.close()
        return edit

    def _known_road(self, entry: "CardEntry", key: str) -> str:
        if key not in self.roads.index and key not in self.new_roads:
            near = hint(key, [*map(str, self.roads.index), *self.new_roads])
            entry.fail(f"the network has no road '{key}'{near}")
        return key

    def _known_line(self, entry: "CardEntry", key: str) -> str:
        if key not in self.lines and key not in self.new_lines:
            near = hint(key, [*self.lines, *self.new_lines])
            entry.fail(f"the network has no line '{key}'{near}")
        return key

    def _headway(self, entry: "CardEntry", key: str) -> ChangeHeadway:
        self._known_line(entry, key)
        headways = _headways(entry)
        if not headways:
            entry.fail("'headway_min' is missing; {free: …, peak: …} is expected")
        return ChangeHeadway(line_id=key, headway_min=headways)

    def _upgrade(
        self, entry: "CardEntry", key: str, dated: "Mapping[str, Any]"
    ) -> UpgradeRoad:
        """Return an upgrade: a whole road in its place (``by``), or values changed."""
        self._known_road(entry, key)
        whole, part = entry.take("by"), entry.take("with")
        if (whole is None) == (part is None):
            entry.fail("either 'by' (a whole road) or 'with' (new values) is expected")
        if part is None:
            road = entry.inner("by", whole)
            new = road.needed_id("road_id")
            told = {**dated, "replaces": key} if new != key else dated
            by = self._road(road, new, told)
            road.close()
            return UpgradeRoad(road_id=key, by=by)
        changed = entry.inner("with", part)
        values = {**self._values_of(key), **dated, **self._columns(changed)}
        by = AddRoad(road_id=key, values=self._checked(changed, values))
        self.new_roads[key] = by.values
        return UpgradeRoad(road_id=key, by=by)

    def _values_of(self, key: str) -> "dict[str, Any]":
        """Return the values of a road that is there."""
        if key in self.new_roads:
            return dict(self.new_roads[key])
        row = self.roads.loc[key]
        return {str(k): _plain(v) for k, v in row.items() if not _is_missing(v)}

    def _columns(self, entry: "CardEntry") -> "dict[str, Any]":
        """Return the values that are left of a road, which must be known columns."""
        known = {*self.roads.columns, *ROADS.columns, "replaces"} - {"geometry"}
        left = entry.rest()
        for name in left:
            if name not in known and not name.endswith("_kph"):
                entry.fail(f"unknown key {name!r}{hint(name, map(str, known))}")
        return left

    def _checked(
        self, entry: "CardEntry", values: "dict[str, Any]"
    ) -> "dict[str, Any]":
        """Return a road's values without those that hold nothing, speeds checked."""
        kept = {key: value for key, value in values.items() if value is not None}
        for name, value in kept.items():
            if name.endswith("_kph") and not (is_number(value) and value > 0):
                entry.fail(f"'{name}' is {value!r}; a number above 0 is expected")
        return kept

    def _road(
        self, entry: "CardEntry", key: str, dated: "Mapping[str, Any]"
    ) -> AddRoad:
        """Return a road with the values that its entry gives, and defaults."""
        values: dict[str, Any] = {
            "from_id": entry.needed_id("from_id"),
            "to_id": entry.needed_id("to_id"),
            "road_class": entry.word("road_class", ROAD_CLASSES),
            "oneway": entry.flag("oneway", default=False),
            "status": entry.word("status", STATUSES, "planned"),
        }
        junctions = self._junctions(entry)
        self.new_junctions.update(junctions)
        ends = [self._junction(entry, values[end]) for end in ("from_id", "to_id")]
        for profile, kph in CLASS_KPH[values["road_class"]].items():
            values[f"{profile}_kph"] = entry.number(
                f"{profile}_kph", float(kph), above=0
            )
        values["geometry"] = self._course(entry, key, ends)
        values |= {**dated, **self._columns(entry)}
        values = self._filled(self._checked(entry, values))
        self.new_roads[key] = values
        return AddRoad(road_id=key, values=values, junctions=junctions)

    def _junctions(self, entry: "CardEntry") -> "dict[str, shapely.Point]":
        """Return the junctions an entry adds, by their ids."""
        raw = entry.take("junctions")
        if raw is None:
            return {}
        inner = entry.inner("junctions", raw)
        return {key: self.drawn.point(inner, key, key) for key in list(raw)}

    def _junction(self, entry: "CardEntry", key: str) -> "shapely.Point":
        """Return where a junction is, of the network or of this card."""
        import shapely

        if key in self.junctions.index:
            return shapely.Point(self.junctions.geometry[key])
        if key not in self.new_junctions:
            known = [*map(str, self.junctions.index), *self.new_junctions]
            entry.fail(
                f"the network has no junction '{key}'{hint(key, known)}; a new one is "
                "given under 'junctions'"
            )
        return self.new_junctions[key]

    def _course(
        self, entry: "CardEntry", key: str, ends: "list[shapely.Point]"
    ) -> "shapely.LineString":
        """Return a road's course: given, drawn beside the card, or straight."""
        import shapely

        spots = self.drawn.positions(entry, "course")
        if len(spots) == 1:
            entry.fail("'course' has one position; two or more are expected")
        line = shapely.LineString(spots) if spots else self.drawn.line(key)
        if line is None:
            line = shapely.LineString(ends)
        if not line.length > 0:
            entry.fail("its course has no length")
        return line

    def _filled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add values for columns of the network in which no road may be without."""
        columns = self.roads.columns
        kind = values["road_class"]
        fill: dict[str, Any] = {
            mode: kind not in barred for mode, barred in _MODES.items()
        }
        fill |= {"cycle_oneway": values["oneway"], "signals": 0}
        needed = {k: v for k, v in fill.items() if k in columns}
        return needed | values

    def _line(
        self, entry: "CardEntry", key: str, dated: "Mapping[str, Any]"
    ) -> TransitLine:
        """Return a line with its stops."""
        raw_stops = entry.items("stops")
        stops, legs = [], []
        for number, raw in enumerate(raw_stops, 1):
            inner = entry.inner(f"stop {number}", raw)
            stops.append(self._stop(inner, last=number == len(raw_stops)))
            legs.append(self._leg(inner))
            inner.close()
        opens = dated.get("opens")
        told: dict[str, Any] = {
            "name_zh": entry.text("name_zh", key),
            "mode": entry.word("mode", get_args(LineMode)),
            "status": entry.word("status", STATUSES, "planned"),
            "headway_min": _headways(entry),
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
        self.new_lines.add(key)
        try:
            return TransitLine(id=key, stops=tuple(stops), **told)
        except InputError as error:
            entry.fail(str(error))

    def _stop(self, entry: "CardEntry", *, last: bool) -> Stop:
        key = entry.needed_id("station_id")
        run_min = entry.number("run_min", 0.0 if last else None)
        if run_min is None:
            entry.fail("'run_min' is missing; minutes to the next stop are expected")
        return Stop(
            station_id=key,
            name_zh=entry.text("name_zh", key) or key,
            point=self.drawn.point(entry, "at", key),
            run_min=run_min,
            dwell_min=entry.number("dwell_min", 0.0) or 0.0,
        )

    def _leg(self, entry: "CardEntry") -> tuple[str, list[tuple[float, float]]]:
        """Return the course to the next stop: points between, or all of it."""
        via, course = (self.drawn.positions(entry, key) for key in ("via", "course"))
        if via and course:
            entry.fail("'via' and 'course' are both given; one is expected")
        if len(course) == 1:
            entry.fail("'course' has one position; two or more are expected")
        return ("course", course) if course else ("via", via)


def _section(
    leg: tuple[str, list[tuple[float, float]]],
    here: "shapely.Point",
    there: "shapely.Point",
) -> "shapely.LineString":
    import shapely

    kind, spots = leg
    whole = spots if kind == "course" else [here, *map(shapely.Point, spots), there]
    return shapely.LineString(whole)


def _headways(entry: "CardEntry") -> dict[str, float]:
    """Take out minutes between trains by profile; ``never`` where none runs."""
    raw = entry.take("headway_min")
    if raw is None:
        return {}
    inner = entry.inner("headway_min", raw)
    found = {}
    for profile in list(raw):
        name = str(profile)
        if raw[profile] == "never":
            found[name] = float("inf")
        else:
            minutes = inner.number(name, above=0)
            if minutes is None:
                inner.fail(f"'{name}' is empty; minutes, or never, are expected")
            found[name] = minutes
    return found


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


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return not hasattr(value, "geom_type") and bool(pd.isna(value))


def _plain(value: Any) -> Any:
    """Return a value as Python has it, not NumPy."""
    return value.item() if hasattr(value, "item") else value
