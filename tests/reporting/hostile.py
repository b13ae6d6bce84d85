"""An assessment whose every name is hostile, as a file of a stranger's may make it."""

import dataclasses

import pandas as pd

from ctzgis.provenance import Source
from ctzgis.texts import Text

FORMULA = '=HYPERLINK("http://evil.example","click")'
NASTY = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\u202eltr\u2067 gpj.exe",
    "\ud800half\x00nul\x0bvt\ufffe",
    "长" * 10_000,
    "W" * 10_000,
    FORMULA,
    "'\"><b>quoted</b>",
    "$x_{1}$ \\frac{a}{b} {{ 7*7 }} {% raise %}",
    "[a](javascript:alert(1)) | `x` | *b* <br> # h",
    "+1", "-1", "@SUM(A1)", "\t=1+1",
)  # fmt: skip


def hostile(assessment):
    """Return an assessment with nasty names of plan, places, findings and sources."""
    names = [Text(nasty, nasty) for nasty in NASTY]
    answered = assessment.scorecard.answered[: len(names)]
    waiting = assessment.scorecard.waiting[: len(names)]
    findings = tuple(
        dataclasses.replace(finding, name=name, reason=name, source=name)
        for group in (answered, waiting)
        for finding, name in zip(group, names, strict=True)
    )
    sources = tuple(
        Source(
            name=nasty,
            what=nasty,
            source=nasty,
            licence=nasty,
            notes=(nasty,),
            schematic=True,
        )
        for nasty in NASTY
    )
    return dataclasses.replace(
        assessment,
        plan=dataclasses.replace(assessment.plan, name=Text(NASTY[0], NASTY[0])),
        scorecard=dataclasses.replace(assessment.scorecard, findings=findings),
        sources=sources,
        tables={key: _renamed(table) for key, table in assessment.tables.items()},
        layers={
            **assessment.layers,
            "centres": _renamed(assessment.layers["centres"]),
        },
        parameters={nasty: nasty for nasty in NASTY},
    )


def _renamed(frame):
    frame = frame.copy()
    texts = [c for c in frame.columns if str(c).endswith(("_zh", "_en"))]
    for column in texts:
        names = [NASTY[n % len(NASTY)] for n in range(len(frame))]
        # Text columns of pandas hold no half characters; those of other types do.
        frame[column] = pd.Series(names, index=frame.index, dtype=object)
    return frame
