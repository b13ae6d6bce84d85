"""Formats to break: their files, and what is read of them."""

from __future__ import annotations

from dataclasses import dataclass

BINARY, TEXT, ZIP = "binary", "text", "zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """
    A kind of input.

    Attributes
    ----------
    name
        What it is called in the table.
    entry
        File or folder that is read.
    breaks
        Files of it that are broken, one at a time.
    kind
        ``"binary"``, ``"text"`` or ``"zip"``, whose members are broken too.
    read
        Name of the reader in ``reading.READERS``.
    open_ended
        Whether a file that ends early may be a whole one of its format: nothing in a
        table of lines or a stream of blocks says how many there are to be.
    """

    name: str
    entry: str
    breaks: tuple[str, ...]
    kind: str
    read: str = "network"
    open_ended: bool = False


def _one(name: str, entry: str, kind: str, read: str = "network", **more) -> Format:
    return Format(name=name, entry=entry, breaks=(entry,), kind=kind, read=read, **more)


def _shape(part: str) -> Format:
    kind = TEXT if part in ("prj", "cpg") else BINARY
    return Format(name=f"shp: .{part}", entry="r.shp", breaks=(f"r.{part}",), kind=kind)


FORMATS: tuple[Format, ...] = (
    _one("osm.pbf", "r.osm.pbf", BINARY, open_ended=True),
    _one("osm", "r.osm", TEXT),
    _one("osm.gz", "r.osm.gz", BINARY),
    _one("osm.bz2", "r.osm.bz2", BINARY),
    _one("gpkg", "r.gpkg", BINARY),
    *map(_shape, ("shp", "shx", "dbf", "prj", "cpg")),
    _one("shp in zip", "r.zip", ZIP),
    Format(name="gdb", entry="r.gdb", breaks=("r.gdb/*",), kind=BINARY),
    _one("geojson", "r.geojson", TEXT),
    _one("fgb", "r.fgb", BINARY),
    _one("kml", "r.kml", TEXT),
    _one("parquet", "r.parquet", BINARY),
    Format(
        name="csv pair", entry="pair", breaks=("pair/nodes.csv", "pair/edges.csv"),
        kind=TEXT, open_ended=True,
    ),
    _one("written gpkg", "w.gpkg", BINARY),
    _one("written parquet", "w.parquet", BINARY),
    Format(
        name="mapping toml", entry="r.geojson", breaks=("m.toml",), kind=TEXT,
        read="mapped", open_ended=True,
    ),
    _one("streets gpkg", "s.gpkg", BINARY, "streets"),
    _one("streets geojson", "s.geojson", TEXT, "streets"),
    _one("points csv", "p.csv", TEXT, "points", open_ended=True),
    _one("people csv", "p.csv", TEXT, "people", open_ended=True),
    _one("people gpkg", "p.gpkg", BINARY, "people"),
    _one("people tif", "p.tif", BINARY, "people"),
    _one("people asc", "p.asc", TEXT, "people"),
    Format(name="people vrt", entry="p.vrt", breaks=("p.vrt",), kind=TEXT, read="people"),
    _one("sums tif", "p.tif", BINARY, "sums"),
    _one("classes tif", "c.tif", BINARY, "classes"),
    _one("gtfs zip", "g.zip", ZIP, "gtfs", open_ended=True),
    _one("boundaries", "b.geojson", TEXT, "boundaries"),
    _one("boundaries gpkg", "b.gpkg", BINARY, "boundaries"),
    _one("values csv", "v.csv", TEXT, "values", open_ended=True),
    _one("plan json", "plan.json", TEXT, "plan"),
    _one("plan gpkg", "plan.gpkg", BINARY, "plan"),
    Format(name="plan yaml", entry="plan", breaks=("plan/*.yaml",), kind=TEXT, read="plan",
           open_ended=True),
    _one("cache npz", "n.npz", BINARY, "cache"),
    _one("cache npz, hash right", "n.npz", BINARY, "cache_hashed"),
)  # fmt: skip
"""All formats; a format's seeds are folders below one of its name."""
