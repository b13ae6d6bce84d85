"""What was found against what was promised (评估)."""

from ctzgis.assessment.assessment import Assessment, Scorecard, assess_case
from ctzgis.assessment.case import Case
from ctzgis.assessment.findings import Finding, Measured, Status
from ctzgis.assessment.judging import judge

__all__ = [
    "Assessment",
    "Case",
    "Finding",
    "Measured",
    "Scorecard",
    "Status",
    "assess_case",
    "judge",
]
