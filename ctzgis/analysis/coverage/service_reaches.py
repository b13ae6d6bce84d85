"""How far facilities serve, as plans and standards say it (服务半径规则)."""

from dataclasses import asdict, dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.plan import ServiceRule

__all__ = [
    "SERVICE_REACHES",
    "ReachBy",
    "ServiceReach",
    "reach_of_rule",
    "service_reach",
]

ReachBy = Literal["straight", "walk", "cycle", "drive"]
"""How the way to a facility is measured: as the crow flies, or along roads."""

_USER: Final = Text("用户给定", "given by the user")
_CHECKUP: Final = Text(
    "TD/T 1063-2021《国土空间规划城市体检评估规程》指标名",
    "name of an indicator of TD/T 1063-2021, from secondary sources",
)
_MOHURD: Final = Text(
    "住房和城乡建设部 2021 年城市体检指标（二手资料）",
    "urban check-up of the housing ministry, 2021, from secondary sources",
)
_ACTION: Final = Text(
    "行动计划 二、重点任务 3.建设国家智慧能源(储能)中心",
    "action plan, II 3, national centre of smart energy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReach:
    """
    How far a facility serves (服务半径).

    Exactly one of ``distance_m``, ``cutoff_min`` and ``by_area_m2`` is given. What lies
    exactly there is served.

    Attributes
    ----------
    id, name
        What it is called; ``name.zh`` is the wording of its source.
    by
        ``"straight"``, or along roads ``"walk"``, ``"cycle"`` or ``"drive"``.
    distance_m
        Metres of way. On foot or by bicycle they are minutes times speed.
    cutoff_min
        Minutes of way; not with ``"straight"``.
    by_area_m2
        Pairs of a facility's least area in m² and the metres it serves then. Smaller
        ones do not count; the largest area it reaches decides.
    source
        Who says so.
    verified
        Whether the source itself was read, rather than general knowledge of it.

    Raises
    ------
    InputError
        If none or several are given, one is not above 0, or they do not fit ``by``.

    Examples
    --------
    >>> from dataclasses import replace
    >>> parks = service_reach("parks")
    >>> parks.by_area_m2
    ((2000, 300), (5000, 500))
    >>> replace(parks, by="walk").by  # the same metres, walked
    'walk'
    """

    id: str
    name: Text
    by: ReachBy = "straight"
    distance_m: float | None = None
    cutoff_min: float | None = None
    by_area_m2: tuple[tuple[float, float], ...] = ()
    source: Text = _USER
    verified: bool = True

    def __post_init__(self) -> None:
        if self.by not in get_args(ReachBy):
            self._fail(f"goes by {self.by!r}; one of {', '.join(get_args(ReachBy))}")
        given = [self.distance_m is not None, self.cutoff_min is not None]
        if sum([*given, bool(self.by_area_m2)]) != 1:
            self._fail("needs one of distance_m, cutoff_min and by_area_m2")
        for limit in self.limits:
            if not (isfinite(limit) and limit > 0):
                self._fail(f"reaches {limit}; a finite number above 0 is expected")
        if any(not 0 <= least < inf for least, _ in self.by_area_m2):
            self._fail("has a least area that is not 0 or more")
        if self.by == "straight" and self.cutoff_min is not None:
            self._fail("is straight; give metres instead of cutoff_min")
        if self.by == "drive" and self.cutoff_min is None:
            self._fail("is driven at many speeds; give cutoff_min instead of metres")

    def _fail(self, problem: str) -> None:
        msg = f"service reach '{self.id}' {problem}"
        raise InputError(msg)

    @property
    def limits(self) -> tuple[float, ...]:
        """Metres, or minutes, it reaches: one figure, or one for each least area."""
        if self.by_area_m2:
            return tuple(metres for _, metres in self.by_area_m2)
        limit = self.distance_m if self.cutoff_min is None else self.cutoff_min
        return (limit,) if limit is not None else ()

    @property
    def told(self) -> Text:
        """The rule in words, with who says so."""
        return Text(
            f"{self.name.zh}（{self.source.zh}）", f"{self.name.en} ({self.source.en})"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, to travel with a table."""
        values = asdict(self)
        values["name"], values["source"] = self.name._asdict(), self.source._asdict()
        return values


def reach_of_rule(rule: "ServiceRule", *, by: ReachBy = "straight") -> ServiceReach:
    """
    Return the reach that a plan's service rule states.

    A rule that says "less than" is taken as "at most": a border has no area.

    Parameters
    ----------
    rule
        One of ``plan.rules``.
    by
        How its distance is measured: ``"straight"``, or along roads ``"walk"`` or
        ``"cycle"``. Plans seldom say, so it is the reading of who asks.

    Returns
    -------
    ServiceReach
        With the rule's id and name, its distance in metres and, as ``source``, the place
        in the document it is in.

    Raises
    ------
    InputError
        If no rule is given, it states no distance (the message says what the plan leaves
        open), or ``by`` is not known or does not go with metres (``"drive"``).

    Notes
    -----
    Of the rules of the documents, ``r_charge_city`` states 2.5 km around charging sites
    (行动计划, Action Plan 2021, II 3).

    Examples
    --------
    >>> import ctzgis
    >>> rules = {rule.id: rule for rule in ctzgis.read_plan("czt").rules}
    >>> reach_of_rule(rules["r_charge_city"]).distance_m
    2500.0
    """
    _require_rule(rule)
    if rule.distance_km is None:
        why = f" ({rule.missing})" if rule.missing else ""
        msg = f"rule '{rule.id}' states no distance{why}; give a ServiceReach"
        raise InputError(msg)
    cited = f"{rule.citation.document} {rule.citation.place}"
    return ServiceReach(
        id=rule.id,
        name=rule.name,
        by=by,
        distance_m=float(rule.distance_km * 1000),
        source=Text(cited, cited),
    )


def service_reach(key: str) -> ServiceReach:
    """
    Return a reach of the catalogue by its id.

    Parameters
    ----------
    key
        Id of a reach in ``SERVICE_REACHES``.

    Returns
    -------
    ServiceReach
        How far such facilities serve, in metres or minutes, with ``source``, who says
        so, and ``verified``, whether the source itself was read.

    Raises
    ------
    InputError
        If the catalogue does not have it; the message lists what it has.

    Notes
    -----
    TD/T 1063-2021, the urban check-up of 2021, 行动计划 (Action Plan 2021) and plans of
    cities, most from secondary sources.

    Examples
    --------
    >>> service_reach("rail_stations").distance_m
    800
    """
    if key not in tuple(SERVICE_REACHES):
        msg = f"no service reach '{key}'; there are {', '.join(SERVICE_REACHES)}"
        raise InputError(msg)
    return SERVICE_REACHES[key]


def _require_rule(rule: object) -> None:
    if not hasattr(rule, "distance_km"):
        msg = f"rule is {rule!r}; one of a plan's rules is expected, as in plan.rules"
        raise InputError(msg)


def _walks(*rows: tuple[str, int, str, str]) -> tuple[ServiceReach, ...]:
    return tuple(
        ServiceReach(
            id=key, name=Text(zh, en), by="walk", cutoff_min=minutes, source=_CHECKUP
        )
        for key, minutes, zh, en in rows
    )


_CATALOGUE: Final = (
    ServiceReach(
        id="rail_stations",
        name=Text("轨道交通站点800米半径服务覆盖率", "800 m around rail stations"),
        distance_m=800,
        source=_CHECKUP,
    ),
    ServiceReach(
        id="parks",
        name=Text("公园绿地服务半径覆盖率", "service radius of parks"),
        by_area_m2=((2000, 300), (5000, 500)),
        source=_MOHURD,
    ),
    ServiceReach(
        id="parks_by_class",
        name=Text("公园绿地分级服务半径", "service radius of parks by class"),
        # Of a range the standard gives, the lower end.
        by_area_m2=(
            (4_000, 300),
            (10_000, 500),
            (50_000, 800),
            (100_000, 1_200),
            (200_000, 2_000),
            (500_000, 3_000),
        ),
        source=Text(
            "GB/T 51346-2019《城市绿地规划标准》（未核对原文）",
            "GB/T 51346-2019, from general knowledge",
        ),
        verified=False,
    ),
    ServiceReach(
        id="park_walk",
        name=Text("公园绿地15分钟服务圈", "parks within a 15-minute walk"),
        by="walk",
        cutoff_min=15,
        source=Text("规划纲要", "outline plan"),
    ),
    ServiceReach(
        id="charging_city",
        name=Text("城市内充电服务半径小于2.5公里", "charging within 2.5 km in cities"),
        distance_m=2_500,
        source=_ACTION,
    ),
    ServiceReach(
        id="charging_changsha",
        name=Text("中心城区公共充电服务半径1公里", "public charging within 1 km"),
        distance_m=1_000,
        source=Text("长沙市十四五规划（二手资料）", "Changsha's 14th plan, secondary"),
    ),
    ServiceReach(
        id="living_circle",
        name=Text("一刻钟便民生活圈", "15-minute convenience circle"),
        by="walk",
        cutoff_min=15,
        source=Text("行动计划", "action plan"),
    ),
    ServiceReach(
        id="government_services",
        name=Text("15分钟政务服务圈", "government services within 15 minutes"),
        by="walk",
        cutoff_min=15,
        source=Text(
            "株洲十四五；步行为假定", "Zhuzhou's 14th plan; walking is assumed"
        ),
    ),
    ServiceReach(
        id="shops",
        name=Text("社区周边一公里商圈", "shops within 1 km of communities"),
        distance_m=1_000,
        source=Text("株洲十四五", "Zhuzhou's 14th plan"),
    ),
    ServiceReach(
        id="greenways",
        name=Text("绿道服务半径1公里", "greenways within 1 km"),
        distance_m=1_000,
        source=_MOHURD,
    ),
    ServiceReach(
        id="hospitals",
        name=Text("市区级医院2公里覆盖率", "hospitals within 2 km"),
        distance_m=2_000,
        source=_CHECKUP,
    ),
    *(
        ServiceReach(
            id=f"bus_stops_{metres}",
            name=Text(f"公交站点{metres}米覆盖率", f"bus stops within {metres} m"),
            distance_m=metres,
            source=Text(
                "GB 50220-95（未核对原文）", "GB 50220-95, from general knowledge"
            ),
            verified=False,
        )
        for metres in (300, 500)
    ),
    *_walks(
        (
            "health_centres",
            15,
            "社区卫生服务设施步行15分钟覆盖率",
            "health centres, 15 min",
        ),
        ("primary_schools", 10, "社区小学步行10分钟覆盖率", "primary schools, 10 min"),
        ("middle_schools", 15, "社区中学步行15分钟覆盖率", "middle schools, 15 min"),
        (
            "elderly_care",
            5,
            "社区养老设施步行5分钟覆盖率",
            "care of the elderly, 5 min",
        ),
        ("culture", 15, "社区文化活动设施步行15分钟覆盖率", "culture, 15 min"),
        ("markets", 10, "菜市场(生鲜超市)步行10分钟覆盖率", "food markets, 10 min"),
        ("sports", 15, "社区体育设施步行15分钟覆盖率", "sports, 15 min"),
        ("football", 15, "足球场地设施步行15分钟覆盖率", "football grounds, 15 min"),
        (
            "parks_and_squares",
            5,
            "公园绿地、广场步行5分钟覆盖率",
            "parks, squares, 5 min",
        ),
        ("forests", 15, "森林步行15分钟覆盖率", "forests, 15 min"),
    ),
    ServiceReach(
        id="fire_brigades",
        name=Text("消防救援5分钟可达覆盖率", "fire brigades within 5 minutes"),
        by="drive",
        cutoff_min=5,
        source=_CHECKUP,
    ),
)

SERVICE_REACHES: "Final[Mapping[str, ServiceReach]]" = {r.id: r for r in _CATALOGUE}
"""Reaches that plans and standards name, by id; spacing along routes is in `spacing_along`."""
