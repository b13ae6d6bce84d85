"""Make checks one after another; a wrong input costs the checks it is for (批量执行)."""

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.batch.inputs import Inputs
from ctzgis.batch.measuring import Measures, error_share, measure
from ctzgis.batch.results import CheckResult, CheckStatus, NamedValue
from ctzgis.batch.sections import hint
from ctzgis.batch.wording import method, span, unit_of_origin, wanted
from ctzgis.errors import CtzgisError, InputError, SourceError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ctzgis.batch.checks import Check
    from ctzgis.batch.inputs import PointSet
    from ctzgis.progress import Progress

__all__ = ["run_checks"]

_NAMED: Final = 5
# Times are sums of rounded numbers: what takes exactly the cutoff counts.
_TOLERANCE: Final = 1e-9

_NOTHING: Final = Text(
    "没有可测量的起点：附近无路、没有位置，或无目的地可算",
    "no origin can be measured: no road is near, it has no position, or there is no "
    "destination that counts",
)
_NO_TRIP: Final = Text(
    "路网上没有任何一次出行可行：起讫点所在部分互不相连，或该方式无路可走",
    "the network offers not one trip: its parts are not joined, or the mode has no way "
    "on it",
)


def run_checks(
    checks: "Sequence[Check]",
    *,
    only: "Sequence[str]" = (),
    progress: "Progress | None" = None,
) -> tuple[CheckResult, ...]:
    """
    Make checks one after another.

    A network or set of points that several checks name is read once. Where one cannot
    be used, the checks it is for have the result ``ERROR``, and the others are made.

    A check is *not assessable* where the accuracy of the network, or origins and
    destinations without a road near them or without a position, could turn its answer.

    Parameters
    ----------
    checks
        As ``read_checks`` gives them.
    only
        Ids of those to be made; all if not given.
    progress
        Takes the id of each check before it is made.

    Returns
    -------
    tuple of CheckResult
        One per check, in their order.

    Raises
    ------
    InputError
        If an id of ``only`` is that of no check.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> from ctzgis import read_checks, run_checks
    >>> path = Path(tempfile.mkdtemp()) / "checks.toml"
    >>> _ = path.write_text('''
    ... [points.centres]
    ... plan = "czt"
    ... centres = true
    ...
    ... [[check]]
    ... id = "centres_in_two_hours"
    ... kind = "travel_time"
    ... origins = "centres"
    ... destinations = "centres"
    ... reach = "all"
    ... every_at_most_min = 120
    ... ''', encoding="utf-8")
    >>> (result,) = run_checks(read_checks(path))
    >>> result.status.value, result.wanted.en, result.origins
    ('passed', 'every origin ≤ 120 min', 3)
    """
    ids = [check.id for check in checks]
    for key in only:
        if key not in ids:
            known = ", ".join(ids) or "none"
            msg = f"there is no check '{key}'{hint(key, ids)}; there are: {known}"
            raise InputError(msg)
    inputs, results = Inputs(), []
    for check in checks:
        if only and check.id not in only:
            continue
        if progress is not None:
            progress(check.id)
        results.append(_timed(check, inputs))
    return tuple(results)


def _timed(check: "Check", inputs: Inputs) -> CheckResult:
    began = time.perf_counter()
    try:
        found = _made(check, inputs)
    except CtzgisError as error:
        found = {
            "status": CheckStatus.ERROR,
            "reason": Text(str(error), str(error)),
            "exit_code": error.exit_code,
        }
    except OSError as error:  # e.g. a name that is too long
        told = f"an input cannot be read: {error.strerror or error}"
        found = {
            "status": CheckStatus.ERROR,
            "reason": Text(told, told),
            "exit_code": SourceError.exit_code,
        }
    seconds = time.perf_counter() - began
    return CheckResult(check=check, wanted=wanted(check), seconds=seconds, **found)


def _made(check: "Check", inputs: Inputs) -> dict[str, Any]:
    """Return what a check found, by the names of its result."""
    network = inputs.network(check.network, check.mode)
    origins = inputs.points(check.origins, network)
    destinations = (
        None
        if check.destinations is None
        else inputs.points(check.destinations, network)
    )
    measures = measure(check, network, origins, destinations)
    schematic = any(source.schematic for source in network.roads.sources)
    kept = _keeps(check, measures.middle)
    sources = [
        *network.roads.sources,
        *origins.sources,
        *(destinations.sources if destinations else ()),
    ]
    return {
        **_judged(check, measures),
        "comparator": _comparator(check),
        "origins": len(measures.middle),
        "measured": int(measures.known.sum()),
        "kept": int(kept.sum()),
        "no_way": int(np.isposinf(measures.middle).sum()),
        "worst": _worst(check, origins, measures),
        "worst_unit": unit_of_origin(check),
        "method": method(check, error_share(network, check), schematic=schematic),
        "sources": tuple({(s.name, s.sha256): s for s in sources}.values()),
        "schematic": schematic,
    }


def _keeps(check: "Check", values: "NDArray[np.float64]") -> "NDArray[np.bool_]":
    """Tell which origins keep what is wanted of each; what is not known does not."""
    each = check.threshold.each
    if check.kind == "travel_time":
        return values <= each * (1 + _TOLERANCE)
    return values >= each * (1 - _TOLERANCE)


def _comparator(check: "Check") -> str:
    minutes = check.kind == "travel_time" and check.threshold.origins != "share"
    return "at_most" if minutes else "at_least"


def _statistic(check: "Check", values: "NDArray[np.float64]") -> float:
    match check.threshold.origins:
        case "share":
            return int(_keeps(check, values).sum()) / len(values)
        case "median":
            return float(np.median(values))
        case "every":
            longest = check.kind == "travel_time"
            return float(values.max() if longest else values.min())


def _judged(check: "Check", measures: Measures) -> dict[str, Any]:
    """Return status, reason, value and bounds."""
    want = check.threshold
    share = want.origins == "share"
    unit = "share" if share else unit_of_origin(check)
    bar = want.share if share and want.share is not None else want.each
    found: dict[str, Any] = {"unit": unit, "threshold": bar}
    if measures.no_trip:
        return {**found, "status": CheckStatus.NOT_ASSESSABLE, "reason": _NO_TRIP}
    known = measures.middle[measures.known]
    value = _statistic(check, known) if len(known) else np.nan
    low, high = sorted(
        (_statistic(check, measures.low), _statistic(check, measures.high))
    )
    found |= {"value": _finite(value), "low": _finite(low), "high": _finite(high)}
    most = _comparator(check) == "at_most"
    holds = [
        number <= bar * (1 + _TOLERANCE) if most else number >= bar * (1 - _TOLERANCE)
        for number in (low, high)
    ]
    if len(set(holds)) == 1:
        status = CheckStatus.PASSED if holds[0] else CheckStatus.FAILED
        return {**found, "status": status, "reason": _counts(check, measures)}
    if not len(known):
        nothing = {"low": None, "high": None, "reason": _NOTHING}
        return {**found, **nothing, "status": CheckStatus.NOT_ASSESSABLE}
    within = span(low, high, unit)
    counts = _counts(check, measures)
    reason = Text(
        f"数据不足以判断：真值在{within.zh}之间，跨越要求；{counts.zh}",
        f"the data cannot tell: the true value lies in {within.en}, which spans what is "
        f"wanted; {counts.en}",
    )
    return {**found, "status": CheckStatus.NOT_ASSESSABLE, "reason": reason}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _counts(check: "Check", measures: Measures) -> Text:
    count, known = len(measures.middle), int(measures.known.sum())
    kept = int(_keeps(check, measures.middle).sum())
    parts = [
        Text(
            f"{known}个起点中{kept}个满足",
            f"{kept} of {known} origins keep it",
        )
    ]
    if no_way := int(np.isposinf(measures.middle).sum()):
        parts.append(Text(f"{no_way}个无路可通", f"{no_way} have no way"))
    if unknown := count - known:
        parts.append(
            Text(
                f"另有{unknown}个无法测量（附近无路或没有位置）",
                f"{unknown} more cannot be measured (no road near, or no position)",
            )
        )
    return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


def _worst(
    check: "Check", origins: "PointSet", measures: Measures
) -> tuple[NamedValue, ...]:
    """Name the origins farthest from what is wanted."""
    values = measures.middle[: len(origins.names)]
    sign = -1 if check.kind == "travel_time" else 1
    order = np.argsort(sign * values, kind="stable")
    known = order[~np.isnan(values[order])][:_NAMED]
    return tuple(
        NamedValue(name=origins.names[row], value=_finite(float(values[row])))
        for row in known
    )
