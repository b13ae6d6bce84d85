"""Results of checks as JUnit XML, which build servers read (JUnit)."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from ctzgis.batch.results import CheckStatus
from ctzgis.batch.wording import value_told, worst_told
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctzgis.batch.results import CheckResult
    from ctzgis.texts import Lang

__all__ = ["junit_text", "write_junit"]

# What XML 1.0 cannot hold, not even escaped, and what turns the direction of writing.
_NOT_XML: Final = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)

_ELEMENTS: Final = {
    CheckStatus.FAILED: "failure",
    CheckStatus.ERROR: "error",
    CheckStatus.NOT_ASSESSABLE: "skipped",
}


def junit_text(
    results: "Sequence[CheckResult]", *, name: str = "ctzgis", lang: "Lang" = "zh"
) -> str:
    """
    Return results as JUnit XML: failed, in error, or skipped where not assessable.

    Parameters
    ----------
    results
        As ``run_checks`` gives them.
    name
        Name of the suite, e.g. the file of the checks.
    lang
        Language of the sentences.

    Returns
    -------
    str
        An XML document: ``testsuites``, one ``testsuite``, a ``testcase`` a check.

    Examples
    --------
    >>> junit_text([], name="none").splitlines()[1]
    '<testsuites tests="0" failures="0" errors="0" skipped="0" time="0.000">'
    """
    counts = Counter(result.status for result in results)
    totals = {
        "tests": str(len(results)),
        "failures": str(counts[CheckStatus.FAILED]),
        "errors": str(counts[CheckStatus.ERROR]),
        "skipped": str(counts[CheckStatus.NOT_ASSESSABLE]),
        "time": _seconds(sum(result.seconds for result in results)),
    }
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", {"name": _xml(name), **totals})
    for result in results:
        _add_case(suite, result, name, lang)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def write_junit(
    results: "Sequence[CheckResult]",
    path: Path | str,
    *,
    name: str = "ctzgis",
    lang: "Lang" = "zh",
) -> None:
    """
    Write results as JUnit XML, whole or not at all.

    Parameters
    ----------
    results, name, lang
        As for ``junit_text``.
    path
        File to write; one that is there is replaced.

    Raises
    ------
    SourceError
        If it cannot be written; what was there stays.
    """
    text = junit_text(results, name=name, lang=lang)
    with written_whole(Path(path)) as part:
        part.write_text(text, encoding="utf-8")


def _add_case(
    suite: ET.Element, result: "CheckResult", name: str, lang: "Lang"
) -> None:
    check = result.check
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _xml(name),
            "name": _xml(f"{check.id}: {check.title.get(lang)}"),
            "time": _seconds(result.seconds),
        },
    )
    told = _xml("\n".join(_lines(result, lang)))
    if tag := _ELEMENTS.get(result.status):
        message = {"message": _xml(result.reason.get(lang))}
        if tag != "skipped":
            message["type"] = result.status.value
        ET.SubElement(case, tag, message).text = told
    else:
        ET.SubElement(case, "system-out").text = told


def _lines(result: "CheckResult", lang: "Lang") -> list[str]:
    """Return what is to be known of a result, line by line."""
    words = ("数值", "要求", "说明", "最差", "方法", "来源")
    if lang == "en":
        words = ("value", "wanted", "why", "worst", "method", "sources")
    sources = ", ".join(
        f"{source.name} ({source.terms(lang)})" for source in result.sources
    )
    said = (
        value_told(result, lang),
        result.wanted.get(lang),
        result.reason.get(lang),
        worst_told(result, lang),
        result.method.get(lang),
        sources,
    )
    return [f"{word}: {text}" for word, text in zip(words, said, strict=True) if text]


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
