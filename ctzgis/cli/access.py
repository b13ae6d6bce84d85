"""``ctzgis matrix``, ``isochrones``, ``accessibility``: measures into files (可达性)."""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.cli.exits import HelpFormatter, exit_codes
from ctzgis.cli.map_option import add_map, draw_result, require_map
from ctzgis.cli.table import say, source_lines
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from ctzgis.batch.inputs import PointSet
    from ctzgis.network import TravelNetwork
    from ctzgis.provenance import Source

__all__ = ["add_commands"]

_MODES = (
    *("drive", "walk", "cycle"),
    *("walk+rail+walk", "cycle+rail+walk", "drive+rail+walk", "drive+rail+drive"),
)


_EXAMPLES: Final = {
    "matrix": "ctzgis matrix --origins towns.csv --id-column name --out times.csv",
    "isochrones": "ctzgis isochrones --origins towns.csv --cutoffs 15,30 --out rings.gpkg",
    "accessibility": "ctzgis accessibility --points cells.gpkg --opportunities jobs.csv "
    "--value jobs --cutoffs 30,45 --out reached.csv",
}

_RINGS: Final = Text("等时圈", "Isochrones")
_SUMS: Final = Text("可达机会", "Opportunities reached")


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands to a parser's commands."""
    matrix = _command(
        commands,
        "matrix",
        "出行时间矩阵 · travel times between points",
        "Find the quickest trip from every origin to every destination (出行时间矩阵).",
        _matrix,
    )
    matrix.add_argument("--origins", required=True, metavar="FILE")
    matrix.add_argument("--destinations", metavar="FILE", help="[the origins]")
    _add_second_ids(matrix, "destinations")
    matrix.add_argument(
        "--cutoff", type=_minutes, metavar="MIN", help="longest trip that counts [all]"
    )
    rings = _command(
        commands,
        "isochrones",
        "等时圈 · areas reached in time",
        "Draw the area reached from each origin within each cutoff (等时圈). A .tif gets "
        "the minutes from the nearest origin, cell by cell, up to the longest cutoff.",
        _isochrones,
    )
    rings.add_argument("--origins", required=True, metavar="FILE")
    _add_cutoffs(rings)
    _add_direction(
        rings, "where trips from the origins lead, or where trips to them start"
    )
    rings.add_argument(
        "--kind",
        choices=("polygons", "edges", "junctions"),
        default="polygons",
        help="areas, the roads reached, or their junctions [polygons]",
    )
    rings.add_argument(
        "--pooled",
        action="store_true",
        help="one shape for all origins together, as in a .tif",
    )
    rings.add_argument(
        "--off-road",
        type=_metres,
        metavar="M",
        help="how far off the road an area reaches [2000, on a street map 200]",
    )
    rings.add_argument(
        "--cell",
        type=_metres,
        metavar="M",
        help="width of cells [what suits --off-road]",
    )
    add_map(rings)
    sums = _command(
        commands,
        "accessibility",
        "累积机会 · opportunities reached in time",
        "Add up the opportunities that each point reaches in time (累积机会).",
        _accessibility,
    )
    sums.add_argument("--points", required=True, metavar="FILE")
    sums.add_argument("--opportunities", required=True, metavar="FILE")
    _add_second_ids(sums, "opportunities")
    sums.add_argument(
        "--value",
        default="population",
        metavar="COLUMN",
        help="what is added up; count: each row is one [population]",
    )
    _add_direction(sums, "what each point reaches, or what reaches it")
    _add_cutoffs(sums)
    add_map(sums)


def _command(
    commands: "argparse._SubParsersAction[Any]",
    name: str,
    what: str,
    description: str,
    run: "Callable[[argparse.Namespace], int]",
) -> argparse.ArgumentParser:
    """Add a command with the arguments that all of them take."""
    job: argparse.ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=description,
        epilog=exit_codes(example=_EXAMPLES[name]),
        formatter_class=HelpFormatter,
    )
    job.add_argument(
        "--network",
        nargs="+",
        default=(),
        metavar="FILE",
        help="files that network build reads or wrote [the network that ships]",
    )
    job.add_argument(
        "--year",
        type=_year,
        help="state at the end of this year [2020 for the network that ships]",
    )
    job.add_argument(
        "--network-crs", metavar="CRS", help="CRS of the network's files [they say it]"
    )
    job.add_argument("--crs", help="CRS of the points [their files say it]")
    job.add_argument(
        "--datum",
        choices=("wgs84", "gcj02", "bd09"),
        default="wgs84",
        help="datum of the points [wgs84]",
    )
    job.add_argument(
        "--id-column", metavar="FIELD", help="field that names each point [its number]"
    )
    job.add_argument(
        "--mode",
        choices=_MODES,
        default="drive",
        help="[drive]; with rail a train is always boarded",
    )
    job.add_argument(
        "--profile", default="free", help="free, peak, or another of the roads' [free]"
    )
    job.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help=".csv, .parquet or .gpkg; .geojson of what has geometry; .tif of isochrones",
    )
    job.add_argument("--lang", choices=("zh", "en"), default="zh", help="language [zh]")
    job.set_defaults(run=run)
    return job


def _add_second_ids(job: argparse.ArgumentParser, what: str) -> None:
    job.add_argument(
        "--to-id-column",
        metavar="FIELD",
        help=f"field that names each of the {what} [as --id-column]",
    )


def _add_direction(job: argparse.ArgumentParser, what: str) -> None:
    job.add_argument(
        "--direction", choices=("from", "to"), default="from", help=f"{what} [from]"
    )


def _add_cutoffs(job: argparse.ArgumentParser) -> None:
    job.add_argument(
        "--cutoffs",
        type=_all_minutes,
        required=True,
        metavar="MIN,MIN",
        help="minutes, e.g. 15,30,60",
    )


def _year(text: str) -> int:
    if not (text.isdecimal() and len(text) == 4):
        msg = f"{text!r} is no year"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _minutes(text: str) -> float:
    return _above_zero(text, "minutes")


def _metres(text: str) -> float:
    return _above_zero(text, "metres")


def _above_zero(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        msg = f"{text!r}: {what} above 0 are expected"
        raise argparse.ArgumentTypeError(msg)
    return number


def _all_minutes(text: str) -> list[float]:
    return sorted({_minutes(part) for part in text.split(",")})


@dataclass(frozen=True, slots=True)
class _Read:
    """What a command was given: the network, and points on one or both sides."""

    network: "TravelNetwork"
    first: "PointSet"
    second: "PointSet"

    @property
    def sources(self) -> "tuple[Source, ...]":
        """Where all of it comes from, each once."""
        every = (
            *self.network.roads.sources,
            *self.first.sources,
            *self.second.sources,
        )
        return tuple({(s.name, s.sha256): s for s in every}.values())


def _read(options: argparse.Namespace, first: str, second: str | None) -> _Read:
    """Read the network and the points, which follow its CRS."""
    from ctzgis.batch.checks import NetworkInput, PointsInput, Reading
    from ctzgis.batch.inputs import network_of, points_of

    say("reading …")
    network = network_of(
        NetworkInput(
            files=tuple(map(Path, options.network)),
            year=options.year,
            reading=Reading(crs=options.network_crs),
        ),
        options.mode,
    )

    def points(file: str, column: str | None) -> "PointSet":
        reading = Reading(crs=options.crs, datum=options.datum)
        wanted = PointsInput(file=Path(file), id_column=column, reading=reading)
        return points_of(wanted, network.roads.roads.crs)

    near = points(first, options.id_column)
    if second is None:
        return _Read(network, near, near)
    return _Read(
        network, near, points(second, options.to_id_column or options.id_column)
    )


def _matrix(options: argparse.Namespace) -> int:
    from ctzgis.analysis import travel_times_in_parts
    from ctzgis.reporting.measures import require_writable

    require_writable(options.out, drawn=False)
    read = _read(options, options.origins, options.destinations)
    parts = travel_times_in_parts(
        read.network,
        read.first.frame,
        read.second.frame,
        cutoff_min=options.cutoff,
        mode=options.mode,
        profile=options.profile,
    )
    return _write(options, parts, read, {"cutoff_min": options.cutoff})


def _isochrones(options: argparse.Namespace) -> int:
    from ctzgis.analysis import isochrones
    from ctzgis.errors import InputError
    from ctzgis.reporting.measures import require_writable
    from ctzgis.writing import require_place

    if options.out.suffix.lower() in (".tif", ".tiff"):
        if options.map is not None:
            msg = "--map draws areas; ask for them with another --out than .tif"
            raise InputError(msg)
        require_place(options.out)
        return _surface(options)
    require_writable(options.out, drawn=True)
    require_map(options)
    read = _read(options, options.origins, None)
    say("measuring …")
    rings = isochrones(
        read.network,
        read.first.frame,
        cutoffs_min=options.cutoffs,
        mode=options.mode,
        profile=options.profile,
        direction=options.direction,
        kind=options.kind,
        pooled=options.pooled,
        off_road_m=options.off_road,
        cell_m=options.cell,
    )
    empty = int(rings.is_empty.sum())
    code = _write(options, [rings], read, _drawn_with(options), empty=empty)
    by = "cutoff_min" if "cutoff_min" in rings else "travel_time_min"
    # The widest first, so that it hides no other.
    drawn = rings.sort_values(by, ascending=False)
    draw_result(options, drawn, name=_RINGS, sources=read.sources, by=by)
    return code


def _surface(options: argparse.Namespace) -> int:
    from ctzgis.analysis import travel_time_surface
    from ctzgis.sources.rasters.written import write_surface

    read = _read(options, options.origins, None)
    say("measuring …")
    surface = travel_time_surface(
        read.network,
        read.first.frame,
        cutoff_min=max(options.cutoffs),
        cell_m=options.cell or 100.0,
        mode=options.mode,
        profile=options.profile,
        direction=options.direction,
        off_road_m=options.off_road,
    )
    parameters = _parameters(options, _drawn_with(options))
    write_surface(surface, options.out, sources=read.sources, parameters=parameters)
    rows, columns = surface.minutes.shape
    size = f"{rows:,} × {columns:,}"
    return _tell(options, read, {"zh": f"{size} 个像元", "en": f"{size} cells"})


def _drawn_with(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "cutoffs_min": options.cutoffs,
        "direction": options.direction,
        "kind": options.kind,
        "pooled": options.pooled,
        "off_road_m": options.off_road,
        "cell_m": options.cell,
    }


def _accessibility(options: argparse.Namespace) -> int:
    import geopandas as gpd

    from ctzgis.analysis import accessibility
    from ctzgis.batch.inputs import counted
    from ctzgis.reporting.measures import require_writable

    require_writable(options.out, drawn=True)
    require_map(options)
    read = _read(options, options.points, options.opportunities)
    points = read.first.frame
    sums = accessibility(
        read.network,
        points,
        counted(read.second.frame, options.value),
        cutoffs_min=options.cutoffs,
        value=options.value,
        direction=options.direction,
        mode=options.mode,
        profile=options.profile,
    )
    at = points.geometry.loc[sums["point_id"]].array
    drawn = gpd.GeoDataFrame(sums, geometry=at, crs=points.crs)
    with_what = {
        "cutoffs_min": options.cutoffs,
        "value": options.value,
        "direction": options.direction,
    }
    code = _write(options, [drawn], read, with_what)
    longest = drawn[drawn["cutoff_min"] == max(options.cutoffs)]
    draw_result(options, longest, name=_SUMS, sources=read.sources, by="reached")
    return code


def _write(
    options: argparse.Namespace,
    frames: "Iterable[pd.DataFrame]",
    read: _Read,
    with_what: dict[str, Any],
    *,
    empty: int = 0,
) -> int:
    """Write the result and tell of it, and how much of it is empty."""
    from ctzgis.reporting.measures import write_measure

    parameters = _parameters(options, with_what)
    rows = write_measure(
        frames, options.out, sources=read.sources, parameters=parameters
    )
    zh, en = f"{rows:,} 行", f"{rows:,} rows"
    if empty:
        zh += f"，其中 {empty:,} 行为空：附近没有道路"
        en += f", {empty:,} of them empty: no road is near"
    return _tell(options, read, {"zh": zh, "en": en})


def _parameters(
    options: argparse.Namespace, with_what: dict[str, Any]
) -> dict[str, Any]:
    """Return with what a measure was taken."""
    from ctzgis._version import __version__
    from ctzgis.batch.checks import SHIPPED_YEAR

    return {
        "mode": options.mode,
        "profile": options.profile,
        "year": options.year or (None if options.network else SHIPPED_YEAR),
        **with_what,
        "ctzgis": __version__,
    }


def _tell(options: argparse.Namespace, read: _Read, size: dict[str, str]) -> int:
    """Tell where the result is, how large, and what it rests on."""
    print(options.out)
    print(f"  {size[options.lang]}")
    print("\n".join(["", *source_lines(read.sources, options.lang)]))
    return 0
