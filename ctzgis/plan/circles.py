"""Time circles: what should be reached from where in how many minutes (时间圈)."""

from dataclasses import dataclass

from ctzgis.plan.documents import Citation
from ctzgis.texts import Text

__all__ = ["TimeCircle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCircle:
    """
    A promise of travel time, e.g. 半小时通勤圈.

    Attributes
    ----------
    minutes
        The promised time; ``None`` if the circle is a distance.
    distance_km
        The promised distance, where the circle is one.
    origins_zh, destinations_zh
        From where to where, as the document says.
    origins, destinations
        Ids of places.
    destination_elements
        Ids of elements whose members are destinations too.
    modes
        The reading used for measuring: ``"drive"``, ``"rail"``, ….
    mode_stated
        What the document says of the mode.
    """

    id: str
    name: Text
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    minutes: float | None = None
    distance_km: float | None = None
    origins_zh: str = ""
    destinations_zh: str = ""
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    destination_elements: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    mode_stated: str = ""
    year: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("minutes", "distance_km"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                msg = f"'{name}' is {value}; more than zero is expected"
                raise ValueError(msg)
