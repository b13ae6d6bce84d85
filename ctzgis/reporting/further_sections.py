"""What a report says of further measures: a section each (另行量算章节)."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ctzgis.reporting.content import Block, Paragraph, Section
from ctzgis.reporting.report_tables import stamped, table_of
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctzgis.assessment import Assessment
    from ctzgis.assessment.further import Further, Sheet
    from ctzgis.reporting.content import Table

__all__ = ["further_sections"]

_FIRST: Final = 10
"""Rows of a table that pages show."""


def further_sections(assessment: "Assessment") -> "Iterator[Section]":
    """Yield what was found, a short table, and how it was measured, for each measure."""
    for part in assessment.further:
        tables = (_table(sheet, assessment) for sheet in part.sheets)
        blocks: tuple[Block, ...] = (
            Paragraph(part.said),
            *(table for table in tables if table.rows),
            Paragraph(_how(part), soft=True),
        )
        yield Section(title=part.title, blocks=blocks)


def _table(sheet: "Sheet", assessment: "Assessment") -> "Table":
    frame = assessment.tables[sheet.key]
    table = table_of(frame, sheet.title, sheet.caption, *sheet.fields)
    return replace(stamped(table, assessment), first=_FIRST)


def _how(part: "Further") -> Text:
    method, accuracy = WORDS["method"], WORDS["accuracy"]
    return Text(
        f"{method.zh}：{part.method.zh}。{accuracy.zh}：{part.accuracy.zh}。",
        f"{method.en}: {part.method.en}. {accuracy.en}: {part.accuracy.en}.",
    )
