"""What was found against what was promised (评估)."""

from ctzgis.assessment.assessment import Assessment, Scorecard, assess_case
from ctzgis.assessment.case import Case, GivenValue
from ctzgis.assessment.findings import Finding, Measured, Status
from ctzgis.assessment.judging import judge

__all__ = [
    "Assessment",
    "Case",
    "Finding",
    "GivenValue",
    "Measured",
    "Scorecard",
    "Status",
    "assess_case",
    "judge",
]
