"""Service rules, tasks, stated facts, towns and conflicts of a plan (规则与其他)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ctzgis.plan.documents import Citation
from ctzgis.plan.targets import Comparator, Measure
from ctzgis.texts import Text

__all__ = ["Baseline", "Conflict", "ServiceRule", "Task", "TownLevel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRule:
    """
    A rule of service the documents set, e.g. 充电服务半径 (服务规则).

    Attributes
    ----------
    rule
        The rule in English; ``name.zh`` is the documents' wording of it.
    distance_km, comparator, value, unit
        Its figures, where it has any.
    threshold_population
        From how many people on a place falls under it.
    missing
        What the documents leave open.
    measure
        What tells how far it is kept; ``None`` while nothing does.
    """

    id: str
    name: Text
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    rule: str
    distance_km: float | None = None
    comparator: Comparator | None = None
    value: float | None = None
    unit: str = ""
    threshold_population: float | None = None
    missing: str = ""
    measure: Measure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    A question the documents give rise to (评估任务).

    Attributes
    ----------
    question
        What to find out.
    data
        What that takes.
    """

    id: str
    name: Text
    citation: Citation
    also_in: tuple[Citation, ...] = ()
    question: str
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """
    A fact the documents state (现状值).

    Attributes
    ----------
    value, value_zh
        The figure, or the words where it is none.
    year
        Of which year it is; ``None`` if the document does not say.
    period
        Of which years it is, where it spans several.
    extent
        Id of the extent it is stated for.
    """

    id: str
    name: Text
    citation: Citation
    value: float | None = None
    value_zh: str = ""
    unit: str
    year: int | None = None
    period: str = ""
    extent: str
    basis: str = "printed"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TownLevel:
    """
    A level of the town hierarchy and its towns (城镇等级).

    Attributes
    ----------
    level
        1 for the highest.
    population_from, population_to
        Urban population that makes the level; ``None`` at an open end.
    declared_count
        How many towns the document says it has.
    members
        Ids of its towns.
    members_by_county
        The same by county, where the document lists them so.
    """

    id: str
    name: Text
    citation: Citation
    level: int
    population_from: float | None = None
    population_to: float | None = None
    declared_count: int
    members: tuple[str, ...]
    members_by_county: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """
    A point on which documents, or parts of one, differ (文件间的矛盾).

    Attributes
    ----------
    values
        What each says.
    resolution
        How it is read here.
    targets
        Ids of the targets it concerns.
    """

    id: str
    name: Text
    values: Mapping[str, str]
    resolution: Text
    targets: tuple[str, ...] = ()

    def said(self, titles: Iterable[Text] = ()) -> Text:
        """
        Return what each says in one line; ``titles`` are those of the documents.

        Examples
        --------
        >>> growth = Conflict(id="c", name=Text("增速", "growth"), resolution=Text("", ""),
        ...     values={"纲要、计划": "8%", "株洲": "7%"})
        >>> growth.said([Text("纲要", "Outline"), Text("计划", "Action Plan")])
        Text(zh='纲要、计划：8%；株洲：7%', en='Outline, Action Plan: 8%; 株洲: 7%')
        """
        zh = "；".join(f"{who}：{what}" for who, what in self.values.items())
        named = sorted(titles, key=lambda title: -len(title.zh))
        english = []
        for who, what in self.values.items():
            shown = who.replace("、", ", ")
            for title in named:
                shown = shown.replace(title.zh, title.en)
            english.append(f"{shown}: {what}")
        return Text(zh, "; ".join(english))
