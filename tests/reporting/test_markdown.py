"""The report as Markdown: what it says, and that nothing in a name is Markdown."""

import html
import re

import pytest

from ctzgis.reporting.reports.content import Cell, Column, Row, Section, Table, same
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.reporting.reports.markdown import render_markdown
from ctzgis.reporting.reports.report import write_report

GOLDEN = {
    "zh": """\
# 长株潭区域空间规划实施评估（2020年）

规划承诺与现状、规划网络的对照。数值、方法、精度与来源见各表。

**示意数据 · 未经审图 · 不得公开传播**

## 评估内容
""",
    "en": """\
# Spatial plans of the Chang-Zhu-Tan region: assessment of 2020

Promises of the plans held against the ground and the planned networks. Every figure \
comes with method, accuracy and source.

**Schematic data · not reviewed · not for publication**

## What was asked
""",
}
GOLDEN_ROW = {
    "zh": "| 中心到中心：驾车 | 长沙—株洲 | 自由流 | 46分钟 | 40–55分钟 | **未达标** "
    "| 比目标值高16分钟；2025年才到期 |",
    "en": "| centre to centre, by car | Changsha–Zhuzhou | free flow | 46 min | 40–55 min "
    "| **unmet** | 16 min above the target; not due until 2025 |",
}


@pytest.fixture(scope="module")
def content(assessment):
    return report_content(assessment)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_golden_beginning(assessment, tmp_path, lang):
    write_report(assessment, tmp_path / "report.md", lang=lang)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.startswith(GOLDEN[lang])
    assert GOLDEN_ROW[lang] in text.splitlines()


def test_headings_are_those_of_the_report(content):
    text = render_markdown(content, lang="en")
    found = re.findall(r"^(#{2,3}) (.*)$", text, re.MULTILINE)
    drafted = [("#" * (s.level + 1), s.title.en) for s in content.sections]
    assert [
        (marks, html.unescape(title.replace("\\", ""))) for marks, title in found
    ] == drafted


def test_rows_have_as_many_cells_as_their_head(content):
    text = render_markdown(content)
    for block in text.split("\n\n"):
        if block.startswith("| "):
            bars = {len(re.findall(r"(?<!\\)\|", row)) for row in block.split("\n")}
            assert len(bars) == 1, block[:200]


def test_nothing_in_a_name_is_html_or_a_link(nasty):
    text = render_markdown(report_content(nasty), lang="en")
    assert set(re.findall(r"<[^>]*>", text)) <= {"<br>"}
    assert not re.search(r"(?<!\\)\]\(", text)
    assert "{{ 7\\*7 }}" in text


def test_a_name_starts_no_list_and_no_line(content):
    cell = Cell(same("a\nb | c"))
    table = Table(name=same("t"), columns=(Column(same("h")),), rows=(Row((cell,)),))
    said = Section(title=same("# one\n- two"), blocks=(table,), aside=same("1. three"))
    made = type(content)(
        title=content.title, lead=same("- lead"), stamp=None, credits=same("=="),
        sections=(said,), findings=content.findings, colophon=same("+ end"),
    )  # fmt: skip
    lines = render_markdown(made).splitlines()
    assert "## \\# one - two" in lines
    assert "| a<br>b \\| c |" in lines
    assert {"\\- lead", "1\\. three", "\\+ end"} <= set(lines)
