"""Positions and courses of scenario cards, in the CRS of a network (位置)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import EditError
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.scenarios.entries import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import shapely
    from pyproj import CRS

    from ctzgis.sources.scenarios.entries import CardEntry

__all__ = ["Drawn", "drawn_of"]

_MOST_POSITIONS: Final = 100_000
_ID: Final = "id"


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """
    What a card's positions are in, and shapes drawn in a file beside it.

    Attributes
    ----------
    from_crs
        What inline positions are in; ``None`` if the card does not say.
    to_crs
        CRS of the network.
    shapes
        Shapes by their id, in the CRS of the network.
    file
        File that they stand in; empty if there is none.
    """

    from_crs: "CRS | None"
    to_crs: "CRS"
    shapes: "Mapping[str, shapely.Geometry]" = field(default_factory=dict)
    file: str = ""

    def point(self, entry: "CardEntry", key: str, name: str) -> "shapely.Point":
        """Return a position: given at a key, or drawn in the file under a name."""
        import shapely

        raw = entry.take(key)
        if raw is None:
            drawn = self.shapes.get(name)
            if drawn is None:
                entry.fail(f"'{key}' is missing; a position [x, y] is expected")
            if drawn.geom_type != "Point":
                entry.fail(f"'{name}' is a {drawn.geom_type} in {self.file}")
            return drawn
        (at,) = self._turned(entry, key, [raw])
        return shapely.Point(at)

    def positions(self, entry: "CardEntry", key: str) -> list[tuple[float, float]]:
        """Return the positions of a list, or of a line in WKT; none if it is missing."""
        raw = entry.take(key)
        if raw is None:
            return []
        if isinstance(raw, str):
            raw = _of_wkt(entry, key, raw)
        if not isinstance(raw, list) or len(raw) > _MOST_POSITIONS:
            entry.fail(f"'{key}' is no list of positions [x, y] and no LINESTRING")
        return self._turned(entry, key, raw)

    def line(self, name: str) -> "shapely.LineString | None":
        """Return the line drawn in the file under a name, if there is one."""
        drawn = self.shapes.get(name)
        if drawn is None:
            return None
        if drawn.geom_type != "LineString":
            msg = f"{self.file}: '{name}' is a {drawn.geom_type}; a LineString is expected"
            raise EditError(msg)
        return drawn

    def _turned(
        self, entry: "CardEntry", key: str, raw: list[Any]
    ) -> list[tuple[float, float]]:
        """Return positions in the CRS of the network."""
        for spot in raw:
            pair = (
                isinstance(spot, list) and len(spot) == 2 and all(map(is_number, spot))
            )
            if not pair:
                entry.fail(f"'{key}' holds {str(spot)[:60]!r}; [x, y] is expected")
        spots = [(float(x), float(y)) for x, y in raw]
        if not spots:
            return []
        if self.from_crs is None:
            entry.fail(
                f"'{key}' gives positions, but the card does not say its 'crs'; "
                "e.g. crs: EPSG:4326"
            )
        if self.from_crs == self.to_crs:
            return spots
        return _transformed(entry, key, spots, self.from_crs, self.to_crs)


def drawn_of(entry: "CardEntry", folder: "Path", to_crs: "CRS") -> Drawn:
    """
    Read what a card says of its positions: its CRS, and a file of shapes.

    Raises
    ------
    SourceError
        If the file cannot be read.
    EditError, InputError
        If the CRS is not known, or a shape has no id or one that stands twice.
    """
    import pyproj

    named = entry.text("crs")
    from_crs = None
    if named is not None:
        try:
            from_crs = pyproj.CRS.from_user_input(named)
        except pyproj.exceptions.CRSError:
            entry.fail(f"'crs' is {named!r}, which is no reference system")
    file = entry.text("geometry")
    if file is None:
        return Drawn(from_crs, to_crs)
    # A card may name what lies beside it, and nothing else on the machine.
    if file != file.replace("\\", "/").rsplit("/", 1)[-1] or file in (".", ".."):
        entry.fail(f"'geometry' is {file!r}; a file beside the card is expected")
    frame = read_vector(folder / file).frame
    if _ID not in frame:
        entry.fail(f"{file} has no field '{_ID}', which names the roads and stops")
    if frame.crs is None:
        entry.fail(f"{file} does not say its reference system")
    ids = frame[_ID].astype(str)
    if (again := ids[ids.duplicated()]).size:
        entry.fail(f"{file} has '{again.iloc[0]}' twice")
    shapes = frame.geometry.to_crs(to_crs)
    wrong = ids[(shapes.isna() | shapes.is_empty | ~shapes.is_valid).to_numpy()]
    if len(wrong):
        entry.fail(f"{file}: the geometry of '{wrong.iloc[0]}' is missing or invalid")
    return Drawn(from_crs, to_crs, dict(zip(ids, shapes, strict=True)), file)


def _of_wkt(entry: "CardEntry", key: str, text: str) -> list[list[float]]:
    import shapely

    try:
        shape = shapely.from_wkt(text)
    except (shapely.errors.ShapelyError, ValueError) as error:
        entry.fail(f"'{key}' is no WKT: {error}")
    if shape is None or shape.geom_type not in ("Point", "LineString"):
        kind = "nothing" if shape is None else shape.geom_type
        entry.fail(f"'{key}' is a {kind}; a LINESTRING is expected")
    return [list(spot[:2]) for spot in shape.coords]


def _transformed(
    entry: "CardEntry",
    key: str,
    spots: list[tuple[float, float]],
    from_crs: "CRS",
    to_crs: "CRS",
) -> list[tuple[float, float]]:
    import math

    import pyproj

    turn = pyproj.Transformer.from_crs(from_crs, to_crs, always_xy=True)
    turned = list(turn.itransform(spots))
    for before, after in zip(spots, turned, strict=True):
        if not all(map(math.isfinite, after)):
            entry.fail(
                f"'{key}' holds {list(before)}, which is nowhere in "
                f"{from_crs.to_string()}; x (longitude) stands before y"
            )
    return [(float(x), float(y)) for x, y in turned]
