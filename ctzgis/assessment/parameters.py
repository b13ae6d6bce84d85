"""Assumptions that the figures of an assessment rest on (参数假定)."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from ctzgis.assessment.coverage import NEAR_KM
from ctzgis.assessment.judging import ABOUT_SHARE
from ctzgis.assessment.limits import BORDER_M, GAP_M
from ctzgis.assessment.services import BESIDE_ROUTE_M, WALK_DETOURS, reach_of_target
from ctzgis.assessment.space import (
    CENTRE_LINE_SHARE,
    COUNTY_AREA_ERROR_SHARE,
    FULLY_COVERED_SHARE,
)
from ctzgis.assessment.travel import RAIL_ERROR_SHARE, TIME_ERROR_SHARE

if TYPE_CHECKING:
    from ctzgis.assessment.case import Case

__all__ = ["CUTOFFS_MIN", "parameters_of"]

CUTOFFS_MIN: Final = (15, 30, 45, 60)
"""Minutes of the isochrones an assessment draws."""


def parameters_of(case: "Case") -> dict[str, Any]:
    """Return the assumptions of a case by name."""
    reaches = _reaches(case)
    return {
        "travel_rules": asdict(case.rules),
        "isochrone_cutoffs_min": CUTOFFS_MIN,
        "error_of_car_times_share": TIME_ERROR_SHARE,
        "error_of_rail_times_share": RAIL_ERROR_SHARE,
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
