"""An assessment: findings, tables and layers of one case, as one value (评估)."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

import geopandas as gpd
import pandas as pd

from ctzgis.analysis import isochrones
from ctzgis.analysis.rules import rules_of
from ctzgis.assessment.facility_layers import facility_layers
from ctzgis.assessment.findings import Finding, Status, methods_of
from ctzgis.assessment.indicators import structure as coverage
from ctzgis.assessment.indicators.limits import BORDER_M, GAP_M
from ctzgis.assessment.indicators.registry import measure, target_of_rule
from ctzgis.assessment.indicators.services import WALK_DETOURS, reach_of_target
from ctzgis.assessment.indicators.space import (
    CENTRE_LINE_SHARE,
    COUNTY_AREA_ERROR_SHARE,
    FULLY_COVERED_SHARE,
)
from ctzgis.assessment.indicators.spacing import BESIDE_ROUTE_M
from ctzgis.assessment.indicators.structure import NEAR_KM
from ctzgis.assessment.indicators.travel import nearest_centre
from ctzgis.assessment.judging import ABOUT_SHARE, judge
from ctzgis.cards import card, table
from ctzgis.network import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.assessment.case import Case
    from ctzgis.assessment.topics.catalogue import Topic
    from ctzgis.plan import Plan
    from ctzgis.provenance import Source
    from ctzgis.texts import Lang, Text

__all__ = ["Assessment", "Scorecard", "assess_case"]

# Told apart without colour.
_SIGNS: Final = {
    Status.MET: "✓",
    Status.UNMET: "✗",
    Status.NOT_ASSESSABLE: "?",
    Status.SUPERSEDED: "↷",
}

CUTOFFS_MIN = (15, 30, 45, 60)
"""Minutes of the isochrones an assessment draws."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """
    All findings of an assessment, in the order of the plan's targets.

    Examples
    --------
    >>> Scorecard(()).counts
    {'met': 0, 'unmet': 0, 'not_assessable': 0, 'superseded': 0}
    """

    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of findings by status."""
        found = Counter(finding.status.value for finding in self.findings)
        return {status.value: found[status.value] for status in Status}

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The findings that are unmet."""
        return tuple(f for f in self.findings if f.status is Status.UNMET)

    @property
    def waiting(self) -> tuple[Finding, ...]:
        """The findings that wait for data: neither a value nor a verdict."""
        return tuple(f for f in self.findings if f.waits)

    @property
    def answered(self) -> tuple[Finding, ...]:
        """The findings with a value or a verdict."""
        return tuple(f for f in self.findings if not f.waits)

    def shown(self, profile: Profile) -> "Scorecard":
        """Return the findings taken with a profile, and those without any."""
        kept = (f for f in self.findings if f.measured.profile in (None, profile))
        return Scorecard(tuple(kept))

    def _repr_html_(self) -> str:
        """Return the findings as a card for a notebook, those that wait counted only."""
        found = self.counts
        facts = [(_both(s.label), str(found[s.value])) for s in Status]
        return card("记分卡 Scorecard", facts, more=_answers(self))

    def to_frame(self, lang: "Lang" = "zh") -> pd.DataFrame:
        """Return one row per finding, with the keys of :meth:`Finding.to_dict`."""
        frame = pd.DataFrame([finding.to_dict(lang) for finding in self.findings])
        if len(frame):
            frame["inputs"] = frame["inputs"].map("; ".join)
        return frame


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Assessment:
    """
    What was found when a plan was held against the ground.

    Report, map and files read this one object; nothing is computed twice.

    Attributes
    ----------
    plan, year, profile
        What was assessed.
    scorecard
        The findings.
    tables
        Frames without geometry, by name.
    layers
        Frames with geometry in the CRS of the plan, by name.
    topics
        What was measured beside the scorecard; ``layers`` holds it by their ids.
    sources
        All inputs.
    parameters
        Assumptions the figures rest on.
    version
        Version of the library.
    """

    plan: "Plan"
    year: int
    profile: Profile
    scorecard: Scorecard
    tables: "Mapping[str, pd.DataFrame]"
    layers: "Mapping[str, gpd.GeoDataFrame]"
    topics: "tuple[Topic, ...]" = ()
    sources: "tuple[Source, ...]"
    parameters: "Mapping[str, Any]"
    version: str

    def __repr__(self) -> str:
        counts = self.scorecard.counts
        inner = ", ".join(f"{counts[s.value]} {s.label.en}" for s in Status)
        return (
            f"<Assessment of {self.plan.id} in {self.year} ({self.profile}): {inner}>"
        )

    def _repr_html_(self) -> str:
        """Return the assessment as a card for a notebook."""
        counts = self.scorecard.counts
        speeds = {"free": "自由流 free flow", "peak": "高峰 peak"}.get(
            self.profile, self.profile
        )
        return card(
            f"评估 Assessment: {_both(self.plan.name)}, {self.year} ({speeds})",
            [
                *((_both(s.label), str(counts[s.value])) for s in Status),
                ("图层 layers", ", ".join(self.layers)),
                ("表 tables", ", ".join(self.tables)),
                ("输入 inputs", str(len(self.sources))),
                ("ctzgis", self.version),
            ],
            note="示意数据 schematic data" if self.schematic else "",
            more=_answers(self.scorecard, title="记分卡 scorecard"),
        )

    @property
    def schematic(self) -> bool:
        """Whether any input is schematic, so that the results are too."""
        return any(source.schematic for source in self.sources)

    def to_dict(self, lang: "Lang") -> dict[str, Any]:
        """Return plan, year and findings as plain values, sentences in ``lang``."""
        return {
            "plan": self.plan.id,
            "year": self.year,
            "profile": self.profile,
            "lang": lang,
            "schematic": self.schematic,
            "version": self.version,
            "findings": [f.to_dict(lang) for f in self.scorecard.findings],
        }

    def provenance(self) -> dict[str, Any]:
        """Return where every figure comes from: inputs, methods, rules, version."""
        return {
            "library": "ctzgis",
            "version": self.version,
            "plan": self.plan.id,
            "year": self.year,
            "profile": self.profile,
            "crs": self.plan.crs,
            "schematic": self.schematic,
            "parameters": dict(self.parameters),
            "methods": methods_of(self.scorecard.answered),
            "rules": rules_of({**self.tables, **self.layers}),
            "topics": {
                topic.id: {
                    "method": {"zh": topic.note.zh, "en": topic.note.en},
                    "rows": len(self.layers[topic.id]),
                }
                for topic in self.topics
            },
            "inputs": [dict(source.to_dict()) for source in self.sources],
        }


def _both(text: "Text") -> str:
    return f"{text.zh} {text.en}"


def _answers(scorecard: Scorecard, *, title: str = "") -> str:
    """Return the findings that say something as a table of HTML."""
    rows = [
        (
            _both(finding.name),
            _both(finding.measured.subject),
            finding.value_shown.en,
            "" if finding.wanted is None else finding.wanted.en,
            f"{_SIGNS[finding.status]} {_both(finding.status.label)}",
            _both(finding.reason),
        )
        for finding in scorecard.answered
    ]
    head = ("目标 target", "对象 on", "数值 value", "要求 wanted", "结论", "说明 why")
    return table(head, rows, title=title) if rows else ""


def assess_case(
    case: "Case", *, version: str, topics: "tuple[Topic, ...]" = ()
) -> Assessment:
    """
    Measure and judge everything a plan promises, and topics beside it.

    Raises
    ------
    CtzgisError
        Whatever is wrong with the case.
    """
    served = coverage.served_table(case)
    findings = [
        judge(case.plan, target, measured, year=case.year)
        for target in case.plan.targets
        for measured in measure(case, target)
    ]
    findings += [
        judge(case.plan, target, measured, year=case.year)
        for rule in case.plan.rules
        if rule.measure is not None
        for target in [target_of_rule(case.plan, rule)]
        for measured in measure(case, target)
    ]
    findings += coverage.element_findings(case, served)
    heart = coverage.green_heart_lengths(case)
    beside = {topic.id: topic.measure(case).to_crs(case.plan.crs) for topic in topics}
    return Assessment(
        plan=case.plan,
        year=case.year,
        profile=case.profile,
        scorecard=Scorecard(tuple(findings)),
        tables={
            "corridor_status": coverage.status_table(case),
            "corridor_places": served,
            "protected_areas": coverage.protected_areas(case),
            "green_heart_lengths": pd.DataFrame(heart.drop(columns="geometry")),
            "places_reached": _places_reached(case),
            "seats_reached": _seats_reached(case),
            **{
                topic.summary_key: topic.summary.measure(case, beside[topic.id])
                for topic in topics
                if topic.summary is not None
            },
        },
        layers={**_layers(case, heart), **beside},
        topics=topics,
        sources=case.sources,
        parameters={
            **_parameters(case),
            **{
                topic.id: dict(topic.parameters) for topic in topics if topic.parameters
            },
        },
        version=version,
    )


def _places_reached(case: "Case") -> pd.DataFrame:
    """Minutes from every place of the time circles to its nearest centre."""
    ids: list[str] = []
    for circle in case.plan.circles:
        ids += circle.destinations
        for element in circle.destination_elements:
            ids += case.plan.member_places(element)
    places = case.places(
        [key for key in dict.fromkeys(ids) if key not in case.plan.centres]
    )
    return _reached(case, places, ["name_zh", "name_en", "accuracy_m"])


def _seats_reached(case: "Case") -> pd.DataFrame:
    """Minutes from every county seat to its nearest centre."""
    people = case.population
    if not {"is_seat", "county_code"} <= set(people.columns):
        return pd.DataFrame()
    seats = people[people["is_seat"]].copy()
    seats["county_zh"] = seats["county_code"].map(case.plan.counties["name_zh"])
    seats["county_en"] = seats["county_code"].map(case.plan.counties["name_en"])
    return _reached(case, seats, ["county_zh", "county_en", "accuracy_m"])


def _reached(
    case: "Case", points: "gpd.GeoDataFrame", columns: list[str]
) -> pd.DataFrame:
    table = pd.DataFrame(points[columns])
    for profile in get_args(Profile):
        nearest = nearest_centre(case, points, profile)
        if profile == "free":
            table["centre_id"] = nearest["centre_id"]
        table[f"{profile}_min"] = nearest["travel_time_min"]
    return table.sort_values("free_min")


def _layers(case: "Case", heart: "gpd.GeoDataFrame") -> "dict[str, gpd.GeoDataFrame]":
    now = case.network_of_year
    lines = gpd.GeoDataFrame(
        {
            "line_id": [line.id for line in case.network.lines],
            "name_zh": [line.name_zh for line in case.network.lines],
            "mode": [line.mode for line in case.network.lines],
            "status": [line.status for line in case.network.lines],
            "opens": [line.opens for line in case.network.lines],
            "closes": [line.closes for line in case.network.lines],
            "replaces": [line.replaces for line in case.network.lines],
            "open": [line.runs_in(case.year) for line in case.network.lines],
            "to_come": [line.to_come(case.year) for line in case.network.lines],
        },
        geometry=[line.path() for line in case.network.lines],
        crs=case.plan.crs,
    )
    roads = case.network.roads.roads
    roads["open"] = roads.index.isin(now.roads.roads.index)
    roads["to_come"] = roads.index.isin(
        case.network.roads.to_come(case.year).roads.index
    )
    spines = [
        (element, shape) for element in case.plan.structure for shape in element.shapes
    ]
    structure = gpd.GeoDataFrame(
        {
            "element_id": [e.id for e, _ in spines],
            "name_zh": [e.name.zh for e, _ in spines],
            "name_en": [e.name.en for e, _ in spines],
            "kind": [e.kind for e, _ in spines],
            "role": [s.role for _, s in spines],
            "accuracy_m": [s.accuracy_m for _, s in spines],
            "schematic": [s.schematic for _, s in spines],
        },
        geometry=[s.geometry for _, s in spines],
        crs=case.plan.crs,
    )
    layers = {
        "counties": case.plan.counties,
        "structure": structure,
        "protected_zones": case.plan.protected,
        "built_up": case.plan.built_up,
        "water": case.plan.water,
        "roads": roads,
        "lines": lines,
        "centres": case.centres,
        "places": case.places([place.id for place in case.plan.places]),
        "settlements": case.population,
        "isochrones": isochrones(
            case.network_of_year,
            case.centres,
            cutoffs_min=CUTOFFS_MIN,
            profile=case.profile,
            rules=case.rules,
        ),
        "corridor_gaps": coverage.gaps_layer(case),
        "green_heart_crossings": heart,
    }
    if case.streets is not None:
        layers["streets"] = case.streets
    return layers | facility_layers(case)


def _reaches(case: "Case") -> dict[str, Any]:
    """Return how far facilities serve, by the target that asks, where some were given."""
    asked = (
        target
        for target in case.plan.targets
        if target.measure is not None
        and target.measure.indicator == "service_coverage"
        and target.measure.facilities in case.facilities
    )
    told = {t.id: reach_of_target(t, case.rules)[0].as_dict() for t in asked}
    return {
        key: {name: value for name, value in reach.items() if value not in (None, ())}
        for key, reach in told.items()
    }


def _parameters(case: "Case") -> dict[str, Any]:
    reaches = _reaches(case)
    return {
        "travel_rules": asdict(case.rules),
        "isochrone_cutoffs_min": CUTOFFS_MIN,
        "error_of_speeds_share": case.network_accuracy.travel.speed_share,
        "error_of_headways_share": case.network_accuracy.travel.headway_share,
        "error_of_county_areas_share": COUNTY_AREA_ERROR_SHARE,
        "centre_lines_share_of_drawn": CENTRE_LINE_SHARE,
        "zone_is_covered_from_share": FULLY_COVERED_SHARE,
        "places_near_a_corridor_within_km": NEAR_KM,
        "walks_are_longer_than_straight": WALK_DETOURS,
        "sites_serve_routes_within_m": BESIDE_ROUTE_M,
        "dead_ends_within_m_of_border": BORDER_M,
        "dead_ends_gap_at_most_m": GAP_M,
        **({"service_reaches": reaches} if reaches else {}),
        "about_means_within_share": ABOUT_SHARE,
    }
