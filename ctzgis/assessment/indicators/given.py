"""What is measured on facilities of a user's, as findings (所给设施的测算结果)."""

from typing import TYPE_CHECKING, Final

from ctzgis.assessment.findings import Measured
from ctzgis.assessment.indicators.completeness import left_out, settled_whatever
from ctzgis.assessment.indicators.ground import Range
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.indicators.ground import Land
    from ctzgis.plan import Target

__all__ = ["NOT_AREAL", "ranged", "told_given"]

NOT_AREAL: Final = Text("所给对象须为面", "areas are expected")
"""Said where points or lines are given and areas are wanted."""

_WHOLE_FILE: Final = Text(
    "所给文件须含全部对象；其完整性与精度未说明",
    "the file must hold all of them; how complete and accurate it is, is not stated",
)
_UNBOUND: Final = Text("范围无边界", "the extent has no border")
_NO_BORDER: Final = Text(
    "规划未给出该范围的边界，计入所给全部对象，仅供参考；请核对文件，或用统计值（--values）",
    "the plan draws no border of the extent, so all that is given counts, for information; "
    "check the file, or give a value from statistics (--values)",
)


def ranged(
    land: "Land | None", amount: "Callable[[BaseGeometry | None], float]"
) -> Range:
    """Return an amount in land, and what it may be where its border is off."""
    if land is None:
        return Range(amount(None))
    value = amount(land.shape)
    if not land.accuracy_m:
        return Range(value)
    return Range(value, amount(land.surely), amount(land.perhaps))


def told_given(
    case: "Case",
    target: "Target",
    found: Range | None,
    *,
    indicator: str,
    label: Text,
    method: Text,
    land: "Land | None",
    obstacle: Text | None = None,
    of: tuple[str, ...] = (),
    people: bool = False,
    everywhere: bool = False,
) -> Measured:
    """
    Return what was measured on facilities that a user gave.

    ``of`` are the kinds of which a share was taken: what they lack always matters.
    """
    kind = (target.measure.facilities if target.measure else None) or ""
    open_ = found is not None and (
        target.value is None or not settled_whatever(target, found.value, target.value)
    )
    if obstacle is None and land is None:
        obstacle = _NO_BORDER
    elif obstacle is None and land is not None and found is not None:
        asked = dict.fromkeys((*of, *([kind] if open_ else [])))
        lacks = (left_out(case, key, land, everywhere=everywhere) for key in asked)
        obstacle = next(filter(None, lacks), None)
    border = _UNBOUND if land is None else land.accuracy
    return Measured(
        indicator=indicator,
        label=label,
        subject=case.plan.extent(target.extent).name,
        value=found.value if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        unit=target.unit,
        method=method,
        accuracy=Text(
            f"{_WHOLE_FILE.zh}；{border.zh}", f"{_WHOLE_FILE.en}; {border.en}"
        ),
        obstacle=obstacle,
        inputs=(
            *case.given_from(*dict.fromkeys((kind, *of))),
            *((case.population_source.name,) if people else ()),
            *(land.inputs if land else ()),
        ),
        schematic=bool(land and land.schematic),
    )
