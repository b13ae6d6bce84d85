"""The report to hand in: a page, a document, a workbook or plain text (评估报告)."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import markupsafe

from ctzgis.errors import InputError, fail_for_extra
from ctzgis.reporting.pictures.figures import render_figure
from ctzgis.reporting.reports.content import Figure, readable
from ctzgis.reporting.reports.drafting import report_content
from ctzgis.reporting.words import words
from ctzgis.writing import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctzgis.assessment import Assessment
    from ctzgis.texts import Lang

__all__ = [
    "FORMATS",
    "render_report",
    "require_report",
    "require_reports",
    "write_report",
]


class _Format(NamedTuple):
    """A library that writes a format, and the extra that brings it."""

    library: str = ""
    extra: str = ""


_FORMATS: Final = {
    "html": _Format(),
    "docx": _Format("docx", "docx"),
    "xlsx": _Format("openpyxl", "xlsx"),
    "md": _Format(),
}
FORMATS: Final = tuple(_FORMATS)
"""What a report can be written as, by the ending of its file."""


def write_report(
    assessment: "Assessment",
    path: Path | str,
    *,
    lang: "Lang" = "zh",
    template: Path | str | None = None,
) -> None:
    """
    Write the report of an assessment, whole or not at all.

    The ending of the file says as what: ``.html`` is one page that asks no host for
    anything and prints well; ``.docx`` (extra ``docx``; with ``figures`` its maps are
    drawn too) has headings, captions and tables that Word knows as such; ``.xlsx``
    (extra ``xlsx``) has a sheet for each table, with numbers to compute with and no
    formula; ``.md`` is text. All say the same.

    Parameters
    ----------
    assessment
        What to report.
    path
        File to write; replaced if it is there.
    lang
        Language of the report.
    template
        A Word document or template (``.docx``, ``.dotx``) whose styles, headers and
        page the report takes, after what stands in it; for ``.docx`` only.

    Raises
    ------
    InputError
        If no report has this ending, or a template is given for another than ``.docx``.
    SourceError
        If the library that writes it is missing, the template cannot be read or the
        file cannot be written; a file that was there stays.

    Examples
    --------
    >>> import tempfile
    >>> from ctzgis import assess
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "report.md"
    ...     write_report(assess("czt", year=2020), path, lang="en")
    ...     path.read_text(encoding="utf-8").splitlines()[0]
    '# Spatial plans of the Chang-Zhu-Tan region: assessment of 2020'
    """
    path = Path(path)
    require_report(path, template=template)
    writers: dict[str, Callable[[Path], None]] = {
        ".html": lambda part: _write_text(render_report(assessment, lang=lang), part),
        ".docx": lambda part: _write_docx(assessment, part, lang, template),
        ".xlsx": lambda part: _write_xlsx(assessment, part, lang),
        ".md": lambda part: _write_md(assessment, part, lang),
    }
    with written_whole(path) as part:
        writers[path.suffix.lower()](part)


def require_report(path: Path | str, *, template: Path | str | None = None) -> None:
    """
    Raise unless a report may be written to a path; ask before work begins.

    Raises
    ------
    InputError
        If no report has this ending, or a template is given for another than ``.docx``.
    SourceError
        If the library that writes it is missing or the template cannot be read.

    Examples
    --------
    >>> require_report("report.pdf")
    Traceback (most recent call last):
    ctzgis.errors.InputError: report.pdf: a report is written as .html, .docx, .xlsx or .md
    """
    path = Path(path)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in _FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS[:-1])
        msg = f"{path.name}: a report is written as {known} or .{FORMATS[-1]}"
        raise InputError(msg)
    if _is_missing(_FORMATS[ending]):
        extra = _FORMATS[ending].extra
        fail_for_extra(f"{path.name} needs a writer", extra)
    if template is not None:
        if ending != "docx":
            msg = f"{path.name}: a template goes with a .docx; leave it out"
            raise InputError(msg)
        from ctzgis.reporting.reports.word_template import read_template

        read_template(template)


def _is_missing(form: _Format) -> bool:
    return bool(form.library) and importlib.util.find_spec(form.library) is None


def require_reports(
    formats: "Sequence[str]", *, template: Path | str | None = None
) -> None:
    """
    Raise unless reports may be written in some formats; ask before work begins.

    Raises
    ------
    InputError
        If no report is of such a format, or a template is given without ``"docx"``.
    SourceError
        If a library that writes one is missing or the template cannot be read.

    Examples
    --------
    >>> require_reports(["html", "md"])
    >>> require_reports(["pdf"])
    Traceback (most recent call last):
    ctzgis.errors.InputError: there are no reports as 'pdf'; known are html, docx, xlsx, md
    """
    for name in formats:
        if name not in _FORMATS:
            known = ", ".join(FORMATS)
            msg = f"there are no reports as '{name}'; known are {known}"
            raise InputError(msg)
    missing = [_FORMATS[name].extra for name in formats if _is_missing(_FORMATS[name])]
    if len(missing) > 1:
        fail_for_extra("reports need writers", *missing)
    for name in formats:
        require_report(f"report.{name}", template=template if name == "docx" else None)
    if template is not None and "docx" not in formats:
        msg = "a template goes with a report as docx; ask for one, or leave it out"
        raise InputError(msg)


def render_report(assessment: "Assessment", *, lang: "Lang" = "zh") -> str:
    """
    Return the report of an assessment as one HTML page.

    The page needs no other file and asks no host for anything. Every text from data
    is escaped.

    Examples
    --------
    >>> from ctzgis import assess
    >>> page = render_report(assess("czt", year=2020), lang="en")
    >>> "Scorecard" in page
    True
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ctzgis.reporting"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_fit,
    )
    content = report_content(assessment)
    figures = {
        block.view: markupsafe.Markup(  # escaped there
            render_figure(assessment, view=block.view, lang=lang)
        )
        for section in content.sections
        for block in section.blocks
        if isinstance(block, Figure)
    }
    return environment.get_template("report.html.j2").render(
        lang=lang, t=words(lang), content=content, figures=figures
    )


def _fit(value: Any) -> Any:
    return readable(value) if type(value) is str else value


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_md(assessment: "Assessment", path: Path, lang: "Lang") -> None:
    from ctzgis.reporting.reports.markdown import render_markdown

    _write_text(render_markdown(report_content(assessment), lang=lang), path)


def _write_xlsx(assessment: "Assessment", path: Path, lang: "Lang") -> None:
    from ctzgis.reporting.reports.workbook import write_workbook

    write_workbook(report_content(assessment), path, lang=lang)


def _write_docx(
    assessment: "Assessment", path: Path, lang: "Lang", template: Path | str | None
) -> None:
    from ctzgis.reporting.pictures.plates import draw_plates
    from ctzgis.reporting.reports.word import write_document

    pictures = draw_plates(assessment, lang=lang)
    write_document(
        report_content(assessment),
        path,
        lang=lang,
        pictures=pictures,
        template=template,
    )
