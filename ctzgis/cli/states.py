"""States of a network named on the command line: years and scenario cards (网络状态)."""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from ctzgis.network import TravelNetwork
    from ctzgis.network.roads import Undated
    from ctzgis.provenance import Source
    from ctzgis.reporting.changes.page import Backdrop
    from ctzgis.texts import Lang

__all__ = [
    "COUNTY",
    "Asked",
    "above_zero",
    "add_inputs",
    "backdrop_of",
    "names_of",
    "read_asked",
    "require_html",
    "require_year",
    "schematic",
    "state_of",
    "undated_of",
]

COUNTY: Final = "county"
"""Column of the shipped settlements with the name of their county."""

_MODES = (
    *("drive", "walk", "cycle"),
    *("walk+rail+walk", "cycle+rail+walk", "drive+rail+walk", "drive+rail+drive"),
)


def add_inputs(job: argparse.ArgumentParser) -> None:
    """Add the arguments that say on what, between what and how trips are measured."""
    job.add_argument(
        "--network", metavar="FILE", help="network of all years [the one that ships]"
    )
    job.add_argument(
        "--undated",
        action="store_true",
        help="a year includes what is planned without a year of opening",
    )
    job.add_argument(
        "--points", metavar="FILE", help="points that trips join [the plan's centres]"
    )
    job.add_argument("--crs", help="CRS of the points and people [their files say it]")
    job.add_argument(
        "--id-column", metavar="FIELD", help="field that names each point [its number]"
    )
    job.add_argument(
        "--population",
        metavar="FILE",
        help="people: raster, points or CSV [the settlements that ship; none with "
        "--network]",
    )
    job.add_argument("--mode", choices=_MODES, default="drive", help="[drive]")
    job.add_argument(
        "--profile", default="free", help="free, peak, or another of the roads' [free]"
    )
    job.add_argument(
        "--cutoff", type=above_zero, default=30.0, metavar="MIN", help="minutes [30]"
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")


def above_zero(text: str) -> float:
    """Return a number above 0 of the command line."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        msg = f"{text!r}: a number above 0 is expected"
        raise argparse.ArgumentTypeError(msg)
    return number


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """
    What a command was given.

    Attributes
    ----------
    network
        Network of all years.
    points
        Points that trips join.
    population
        People, if there are any.
    sources
        Where all of it comes from.
    """

    network: "TravelNetwork"
    points: "gpd.GeoDataFrame"
    population: "gpd.GeoDataFrame | None"
    sources: "tuple[Source, ...]"


def read_asked(options: argparse.Namespace) -> Asked:
    """
    Read the network, points and people that a command asks for.

    Raises
    ------
    SourceError
        If a file cannot be read.
    InputError
        If what it holds is wrong, or there are no points for a network of one's own.
    """
    from ctzgis.batch.checks import PointsInput, Reading
    from ctzgis.batch.inputs import points_of
    from ctzgis.errors import InputError
    from ctzgis.sources.roads.networks import read_network

    network = read_network(options.network)
    crs = network.roads.crs
    if options.points is not None:
        wanted = PointsInput(
            file=Path(options.points),
            id_column=options.id_column,
            reading=Reading(crs=options.crs),
        )
    elif options.network is None:
        wanted = PointsInput(plan="czt", centres=True)
    else:
        msg = "with --network say between which points trips are measured: --points"
        raise InputError(msg)
    points = points_of(wanted, crs)
    people, more = _people(options, crs)
    sources = (*network.roads.sources, *points.sources, *more)
    once = tuple({(s.name, s.sha256): s for s in sources}.values())
    return Asked(network, points.frame, people, once)


def _people(
    options: argparse.Namespace, crs: Any
) -> "tuple[gpd.GeoDataFrame | None, tuple[Source, ...]]":
    """Read the people; those that ship only on the network that ships."""
    from ctzgis.sources.places.population import read_population, read_settlements
    from ctzgis.sources.plans.folders import read_plan

    if options.population is not None:
        people, source = read_population(options.population, crs=options.crs)
        return people.to_crs(crs), (source,)
    if options.network is not None:
        return None, ()
    people, source = read_settlements()
    counties = read_plan("czt").counties
    names = counties["name_zh" if options.lang == "zh" else "name_en"]
    named = people.assign(**{COUNTY: people["county_code"].map(names)})
    return named.to_crs(crs), (source,)


def undated_of(options: argparse.Namespace) -> "Undated":
    """Return what happens to what has no year of opening."""
    return "include" if options.undated else "exclude"


def state_of(
    text: str, options: argparse.Namespace, network: "TravelNetwork"
) -> "tuple[TravelNetwork, str, tuple[Source, ...]]":
    """
    Return the network of a year or a scenario card, what it is called, and its sources.

    Raises
    ------
    SourceError
        If the card cannot be read.
    InputError
        If it is wrong, or the shipped network is not known in the year.
    """
    from ctzgis.errors import InputError
    from ctzgis.sources.scenarios.reading import read_scenario

    if text.isdecimal() and len(text) == 4:
        require_year(int(text), options)
        return network.at(int(text), undated=undated_of(options)), text, ()
    if Path(text).suffix.lower() not in (".yaml", ".yml"):
        msg = f"'{text}' is no year and no scenario card; e.g. 2025 or card.yaml"
        raise InputError(msg)
    scenario, source = read_scenario(Path(text), network)
    if scenario.year is not None:
        require_year(scenario.year, options)
    name = scenario.name_zh if options.lang == "zh" else scenario.name_en
    return scenario.applied(network), name or scenario.id, (source,)


def names_of(points: "gpd.GeoDataFrame", lang: "Lang") -> dict[Any, str]:
    """Return what points are called by their ids; nameless ones keep their ids."""
    ids = [str(point) for point in points.index]
    column = f"name_{lang}"
    told = points[column].tolist() if column in points else ids
    pairs = zip(points.index, told, ids, strict=True)
    return {
        point: name if isinstance(name, str) and name else own
        for point, name, own in pairs
    }


def schematic(sources: "Iterable[Source]", lang: "Lang") -> str:
    """Return what is written behind a title if anything measured is schematic."""
    if not any(source.schematic for source in sources):
        return ""
    return "（示意）" if lang == "zh" else " (schematic)"


def require_html(path: Path) -> None:
    """Raise unless a page may be written to a path; ask before work begins."""
    from ctzgis.errors import InputError
    from ctzgis.writing import require_place

    if path.suffix.lower() not in (".html", ".htm"):
        msg = f"{path.name}: a page is written as .html"
        raise InputError(msg)
    require_place(path)


def backdrop_of(
    options: argparse.Namespace,
    asked: Asked,
    network: "TravelNetwork",
    names: tuple[str, str],
    sources: "tuple[Source, ...]",
) -> "Backdrop":
    """Return what a map is drawn on; counties only under the network that ships."""
    from ctzgis.reporting.changes.page import Backdrop
    from ctzgis.sources.plans.folders import read_plan

    counties = read_plan("czt").counties if options.network is None else None
    return Backdrop(
        names=names,
        network=network,
        points=_named(options, asked),
        counties=counties,
        sources=sources,
    )


def _named(options: argparse.Namespace, asked: Asked) -> "gpd.GeoDataFrame":
    """Return the points with the names of the plan's centres, if they are those."""
    from ctzgis.sources.plans.folders import read_plan

    if options.points is not None:
        return asked.points
    places = {place.id: place.name for place in read_plan("czt").places}
    names = [places[str(key)] for key in asked.points.index]
    return asked.points.assign(
        name_zh=[name.zh for name in names], name_en=[name.en for name in names]
    )


def require_year(year: int, options: argparse.Namespace) -> None:
    """Raise ``InputError`` unless the shipped network is known in a year."""
    from ctzgis.errors import InputError
    from ctzgis.workflow import FIRST_YEAR, LAST_YEAR

    if options.network is None and not FIRST_YEAR <= year <= LAST_YEAR:
        msg = f"year is {year}; the shipped network is known from {FIRST_YEAR} to {LAST_YEAR}"
        raise InputError(msg)
