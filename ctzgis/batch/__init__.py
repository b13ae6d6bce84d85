"""Many checks at once: what a file wants, held against the ground (批量检查)."""

from ctzgis.batch.checks import Check, NetworkInput, PointsInput, read_checks
from ctzgis.batch.junit import junit_text, write_junit
from ctzgis.batch.results import CheckResult, CheckStatus, NamedValue
from ctzgis.batch.runner import run_checks

__all__ = [
    "Check",
    "CheckResult",
    "CheckStatus",
    "NamedValue",
    "NetworkInput",
    "PointsInput",
    "junit_text",
    "read_checks",
    "run_checks",
    "write_junit",
]
