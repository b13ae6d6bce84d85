"""A classified raster, for targets of forest (土地覆盖)."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.assessment.land_cover import (
    LandCover,
    forest_extents,
    legend_named,
)
from ctzgis.errors import InputError
from ctzgis.sources.rasters.by_zone import read_class_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.assessment.land_cover import LandCoverLegend
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source

__all__ = ["read_land_cover"]

_COVERED = "covered_share"


def read_land_cover(
    path: Path | str,
    plan: "Plan",
    *,
    classes: "str | Sequence[int] | LandCoverLegend | None",
) -> "tuple[LandCover, Source]":
    """
    Read which share of a plan's extents is forest.

    Parameters
    ----------
    path
        As for ``read_class_shares``.
    plan
        Whose targets ask for forest.
    classes
        The product (``"worldcover"``, ``"clcd"``, ``"globeland30"``), numbers of classes
        that count as forest, or a legend; products use the same numbers for different
        things, so nothing is guessed.

    Raises
    ------
    SourceError, CRSError, InputError
        As for ``read_class_shares``, and if classes are not given, the file holds numbers
        that the product has not, or none of those that count.
    """
    path = Path(path)
    if classes is None:
        msg = (
            f"{path.name}: say which classes are forest (land_cover_classes, "
            "--forest-classes): 10 in ESA WorldCover, 2 in CLCD, 20 in GlobeLand30"
        )
        raise InputError(msg)
    legend = legend_named(classes)
    extents = forest_extents(plan)
    if extents.empty:
        msg = f"plan '{plan.id}' has no target that land cover answers"
        raise InputError(msg)
    shares, source = read_class_shares(path, extents, nodata=legend.nodata)
    numbers = [int(column) for column in shares.columns.drop(_COVERED)]
    _require_classes(path.name, numbers, legend)
    counted = [str(number) for number in numbers if number in legend.forest]
    forest = shares[counted].sum(axis=1).where(shares[_COVERED] > 0, np.nan)
    frame = shares[[_COVERED]].assign(forest_share=forest)
    return LandCover(legend=legend, extents=frame, source_name=source.name), source


def _require_classes(name: str, found: list[int], legend: "LandCoverLegend") -> None:
    listed = ", ".join(map(str, found[:20])) or "none"
    strange = [number for number in found if number not in legend.classes]
    if legend.classes and strange:
        msg = (
            f"{name} holds class {', '.join(map(str, strange[:5]))}, which "
            f"{legend.name.en} has not; it holds {listed}: name the right product, or the "
            "numbers that are forest"
        )
        raise InputError(msg)
    if not set(found) & set(legend.forest):
        wanted = ", ".join(map(str, legend.forest))
        msg = f"{name} holds no class {wanted} in the planning area; it holds {listed}"
        raise InputError(msg)
