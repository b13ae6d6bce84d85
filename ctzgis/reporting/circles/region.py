"""Time circles of a region, with all that a page about them tells (时间圈成果)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctzgis.analysis import corridor_parts
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.analysis.access.measured_circles import CircleStudy
    from ctzgis.network import Scenario, TransitLine, TravelNetwork
    from ctzgis.plan import Corridor, Plan
    from ctzgis.provenance import Source

__all__ = ["RegionCircles"]

_LONG_AGO = 9999


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegionCircles:
    """
    Circles, and the plan, network and sources they rest on.

    Attributes
    ----------
    plan
        What the region wants; gives centres, borders, water and the green heart.
    network
        Network of all years.
    networks
        That of each state, by its id.
    study
        The circles.
    sources
        What was read.
    people_of
        What the shares of people are of, e.g. the central area.
    version
        Version of the library.
    """

    plan: "Plan"
    network: "TravelNetwork"
    networks: "Mapping[str, TravelNetwork]"
    study: "CircleStudy"
    sources: "tuple[Source, ...]"
    people_of: Text
    version: str

    @property
    def schematic(self) -> bool:
        """Whether anything the circles rest on was drawn rather than surveyed."""
        return any(source.schematic for source in self.sources)

    def name(self, key: str) -> Text:
        """Return what a centre is called."""
        return self.plan.place(key).name

    def added(self, state: "Scenario") -> "tuple[int, tuple[TransitLine, ...]]":
        """Return how many roads, and which lines, the state before has not."""
        now, place = self.networks[state.id], self.study.states.index(state)
        if not place:
            return len(now.roads.roads), now.lines
        before = self.networks[self.study.states[place - 1].id]
        known = {line.id for line in before.lines}
        roads = now.roads.roads.index.difference(before.roads.roads.index)
        return len(roads), tuple(line for line in now.lines if line.id not in known)

    def undrawn(self) -> "tuple[Corridor, ...]":
        """Return the corridors of the plan that the network has nothing of."""
        ids = [corridor.id for corridor in self.plan.corridors]
        drawn = set(corridor_parts(self.network, ids, year=_LONG_AGO)["corridor_id"])
        return tuple(c for c in self.plan.corridors if c.id not in drawn)
