"""Scenarios: named projects put into a network as it stands in a year (情景)."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctzgis.errors import EditError, naming
from ctzgis.network.edits import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    Edit,
    Project,
    UpgradeRoad,
)
from ctzgis.network.projects import corridor_projects, projects_of, without_projects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ctzgis.network.roads import Undated
    from ctzgis.network.travel import TravelNetwork

__all__ = ["Scenario", "contradictions", "scenarios_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    Projects, and the state of a network they are put into.

    Attributes
    ----------
    id
        Short name.
    name_zh, name_en
        What it is called.
    year
        The network as it stands at the end of this year; ``None``: as it is given.
    undated
        Whether what has no year of opening stands in that year.
    without
        Ids of the network's own projects or corridors that are left out of that state.
    projects
        What is built, in this order.

    Raises
    ------
    EditError
        If two projects share an id, edits contradict each other, or something is left
        out of no year.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> network = read_network()
    >>> Scenario(id="no_dongzhu", name_zh="无洞株路", year=2025,
    ...     without=("dongzhu_road",)).applied(network).roads.roads.loc[["L238"]].shape[0]
    1
    """

    id: str
    name_zh: str
    name_en: str = ""
    year: int | None = None
    undated: "Undated" = "exclude"
    without: tuple[str, ...] = ()
    projects: tuple[Project, ...] = ()

    def __post_init__(self) -> None:
        ids = [project.id for project in self.projects]
        if twice := sorted({key for key in ids if ids.count(key) > 1}):
            msg = f"scenario '{self.id}' has project '{twice[0]}' twice"
            raise EditError(msg)
        if self.without and self.year is None:
            msg = (
                f"scenario '{self.id}' leaves projects out of the network of no year; "
                "give the year"
            )
            raise EditError(msg)
        for number, reason in contradictions(self.edits):
            msg = f"scenario '{self.id}', {self.place_of(number)}: {reason}"
            raise EditError(msg)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Edits of all projects, in order."""
        return tuple(edit for project in self.projects for edit in project.edits)

    def place_of(self, number: int) -> str:
        """Return which edit of which project an edit is, counted from 0 over all."""
        for project in self.projects:
            if number < len(project.edits):
                return f"project '{project.id}', edit {number + 1}"
            number -= len(project.edits)
        msg = f"scenario '{self.id}' has no such edit"
        raise EditError(msg)

    def base(self, network: "TravelNetwork") -> "TravelNetwork":
        """
        Return the network its projects are put into.

        Parameters
        ----------
        network
            Network of all years, or of one if the scenario names none.

        Raises
        ------
        EditError
            If it leaves out what the network does not have.
        """
        if self.year is None:
            return network
        if not self.without:
            return network.at(self.year, undated=self.undated)
        known = {p.id: p for p in (*corridor_projects(network), *projects_of(network))}
        for key in self.without:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                msg = f"the network has no project or corridor '{key}'{hint}"
                raise EditError(msg)
        left_out = [known[key] for key in self.without]
        return without_projects(network, left_out, year=self.year, undated=self.undated)

    def applied(self, network: "TravelNetwork") -> "TravelNetwork":
        """
        Return the network with everything built.

        Raises
        ------
        EditError
            If an edit does not fit the network.
        """
        with naming(f"scenario '{self.id}'"):
            return self.base(network).with_edits(*self.edits)


def scenarios_of(
    network: "TravelNetwork", projects: "Sequence[Project]", *, year: int
) -> tuple[Scenario, ...]:
    """
    Return a scenario for each of a network's projects: a year without it, and it.

    Parameters
    ----------
    network
        Network of all years.
    projects
        Projects of this network, as ``projects_of`` or ``corridor_projects`` give them.
    year
        State that the projects are put into.

    Examples
    --------
    >>> from ctzgis import projects_of, read_network
    >>> network = read_network()
    >>> cards = scenarios_of(network, projects_of(network), year=2025)
    >>> len(cards), cards[1].id, cards[1].without
    (10, 'dongzhu_road', ('dongzhu_road',))
    """
    known = {p.id for p in (*corridor_projects(network), *projects_of(network))}
    return tuple(
        Scenario(
            id=project.id,
            name_zh=project.name_zh,
            name_en=project.name_en,
            year=year,
            without=(project.id,) if project.id in known else (),
            projects=(project,),
        )
        for project in projects
    )


def contradictions(edits: "Iterable[Edit]") -> "Iterator[tuple[int, str]]":
    """
    Yield the edits that cannot stand beside earlier ones, with the reason.

    What one edit takes out none may take out or change again, what one adds none may add
    or take out again; a line gets one headway for each profile, and is not closed after
    that; and no replacement may lead back to what it began with. An upgrade of what an
    earlier edit added is none.

    Yields
    ------
    int, str
        Place among the edits, from 0, and why.

    Examples
    --------
    >>> list(contradictions([CloseRoad(road_id="a"), CloseRoad(road_id="a")]))
    [(1, "road 'a' is closed already by an earlier edit")]
    """
    added: set[str] = set()
    gone: dict[str, str] = {}
    headways: set[tuple[str, str]] = set()
    successors: dict[str, str] = {}
    for number, edit in enumerate(edits):
        for new, old in _replacements(edit):
            successors[old] = new
            if chain := _cycle(old, successors):
                yield number, f"replacements go in a circle: {' → '.join(chain)}"
        taken, what = _taken_out(edit)
        if taken:
            if taken in gone:
                yield number, f"{taken} is {gone[taken]} already by an earlier edit"
            elif taken in added and what == "closed":
                yield number, f"{taken} is added by an earlier edit"
            gone[taken] = what
        if new := _put_in(edit):
            if new in added and new != taken:
                yield number, f"{new} is added already by an earlier edit"
            added.add(new)
        if isinstance(edit, CloseLine) and edit.line_id in {k for k, _ in headways}:
            yield number, f"line '{edit.line_id}' has a new headway by an earlier edit"
        if isinstance(edit, ChangeHeadway):
            line = f"line '{edit.line_id}'"
            if line in gone:
                yield number, f"{line} is {gone[line]} already by an earlier edit"
            for profile in edit.headway_min:
                if (edit.line_id, profile) in headways:
                    yield number, f"{line} has another {profile} headway already"
                headways.add((edit.line_id, profile))


def _taken_out(edit: Edit) -> tuple[str, str]:
    """Return what an edit takes out, and how; both empty if nothing."""
    if isinstance(edit, UpgradeRoad):
        return f"road '{edit.road_id}'", "upgraded"
    if isinstance(edit, CloseRoad):
        return f"road '{edit.road_id}'", "closed"
    if isinstance(edit, CloseLine):
        return f"line '{edit.line_id}'", "closed"
    return "", ""


def _put_in(edit: Edit) -> str:
    """Return what an edit puts in; empty if nothing."""
    if isinstance(edit, UpgradeRoad):
        return f"road '{edit.by.road_id}'"
    if isinstance(edit, AddRoad):
        return f"road '{edit.road_id}'"
    return f"line '{edit.line.id}'" if isinstance(edit, AddLine) else ""


def _replacements(edit: Edit) -> "Iterator[tuple[str, str]]":
    """Yield what an edit puts in the place of what, as ids."""
    if isinstance(edit, AddLine):
        if edit.line.replaces:
            yield f"line '{edit.line.id}'", f"line '{edit.line.replaces}'"
        return
    if not isinstance(edit, (AddRoad, UpgradeRoad)):
        return
    road = edit if isinstance(edit, AddRoad) else edit.by
    new = f"road '{road.road_id}'"
    if isinstance(edit, UpgradeRoad) and edit.road_id != road.road_id:
        yield new, f"road '{edit.road_id}'"
    told = road.values.get("replaces")
    known = isinstance(edit, UpgradeRoad) and told == edit.road_id
    if isinstance(told, str) and told and not known:
        yield new, f"road '{told}'"


def _cycle(start: str, successors: "dict[str, str]") -> list[str]:
    """Return the way from an id back to itself, or nothing if there is none."""
    chain = [start]
    while (after := successors.get(chain[-1])) is not None:
        chain.append(after)
        if after == start:
            return chain
        if after in chain[:-1]:
            return []
    return []
