"""Write an assessment into a folder, all of it or nothing (成果文件)."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.csv_files import write_csv
from ctzgis.errors import SourceError
from ctzgis.writing import require_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from ctzgis.assessment import Assessment
    from ctzgis.reporting.maps.basemaps import BasemapName
    from ctzgis.texts import Lang

__all__ = ["FILES", "require_results_folder", "write_assessment"]

FILES: Final = (
    "scorecard.csv",
    "scorecard.json",
    "map.html",
    "report.html",
    "layers.gpkg",
    "provenance.json",
)
"""What :func:`write_assessment` writes, unless it is asked for other reports."""

_REPORT: Final = "report.html"


def require_results_folder(
    folder: Path,
    formats: "Sequence[str]" = ("html",),
    *,
    template: Path | str | None = None,
) -> None:
    """
    Raise unless an assessment may be written into a folder; ask before work begins.

    The folder is not made; if there is none, the nearest one above it is tried.

    Parameters
    ----------
    folder, formats, template
        As :func:`write_assessment` takes them.

    Raises
    ------
    InputError
        If no report is of such a format, or a template is given without ``"docx"``.
    SourceError
        If the folder cannot be written to, a folder has the name of a file, or a
        library that writes a report is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     require_results_folder(Path(name) / "out", ("html", "md"))
    ...     (Path(name) / "out").exists()
    False
    """
    from ctzgis.reporting.reports.report import require_reports

    require_reports(formats, template=template)
    require_folder(folder, make=False)
    _require_replaceable(folder, _file_names(formats))


def write_assessment(
    assessment: "Assessment",
    folder: Path | str,
    *,
    lang: "Lang" = "zh",
    formats: "Sequence[str]" = ("html",),
    template: Path | str | None = None,
    basemap: "BasemapName | None" = None,
) -> tuple[Path, ...]:
    """
    Write scorecard, map, report, layers and provenance into a folder.

    Files are written beside their place and moved there when all are whole, so a
    failure leaves the folder as it was. Files of the same names are replaced.

    Parameters
    ----------
    assessment
        What to write.
    folder
        Where to; made if it does not exist.
    lang
        Language of sentences and labels.
    formats
        What the report is written as, of
        :data:`ctzgis.reporting.reports.report.FORMATS`; see
        :func:`~ctzgis.reporting.reports.report.write_report` for what they need.
    template
        Word document or template whose looks a ``.docx`` takes.
    basemap
        Tiles below the map, as in :func:`~ctzgis.reporting.maps.drawing.draw_map`.

    Returns
    -------
    tuple of Path
        The files, in the order of :data:`FILES`, one for each report.

    Raises
    ------
    InputError
        If no report is of such a format, or a template is given without ``"docx"``.
    SourceError
        If the folder cannot be written to, the disk is full, or a library that writes
        a report is missing.
    """
    import pyogrio.errors

    folder = Path(folder)
    require_results_folder(folder, formats, template=template)
    writers = _writers(formats, template, basemap)
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(prefix=".ctzgis-", dir=folder) as name:
                for file, write in writers.items():
                    write(assessment, Path(name) / file, lang)
                for file in writers:
                    (Path(name) / file).replace(folder / file)
        finally:
            if made and not any(folder.iterdir()):
                folder.rmdir()
    except SourceError:
        raise
    except OSError as error:
        msg = f"cannot write into {folder}: {error.strerror or error}"
        raise SourceError(msg) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        msg = f"cannot write layers.gpkg into {folder}: {error}"
        raise SourceError(msg) from error
    return tuple(folder / file for file in writers)


def _require_replaceable(folder: Path, files: "Iterable[str]") -> None:
    for file in files:
        if (folder / file).is_dir():
            msg = f"cannot write into {folder}: {file} is a folder there"
            raise SourceError(msg)


def _writers(
    formats: "Sequence[str]",
    template: Path | str | None,
    basemap: "BasemapName | None",
) -> "dict[str, Callable[[Assessment, Path, Lang], None]]":
    from ctzgis.reporting.maps.drawing import write_map
    from ctzgis.reporting.reports.report import write_report

    def report(assessment: "Assessment", path: Path, lang: "Lang") -> None:
        looks = template if path.suffix == ".docx" else None
        write_report(assessment, path, lang=lang, template=looks)

    writers: dict[str, Callable[[Assessment, Path, Lang], None]] = {
        "scorecard.csv": _write_csv,
        "scorecard.json": _write_scorecard_json,
        "map.html": lambda a, path, lang: write_map(
            a, path, lang=lang, basemap=basemap
        ),
        _REPORT: report,
        "layers.gpkg": _write_layers,
        "provenance.json": _write_provenance,
    }
    return {file: writers.get(file, report) for file in _file_names(formats)}


def _file_names(formats: "Sequence[str]") -> list[str]:
    """Return what is written, in the order of ``FILES``."""
    reports = [Path(_REPORT).with_suffix(f".{name}").name for name in formats]
    return [n for file in FILES for n in (reports if file == _REPORT else [file])]


def _write_csv(assessment: "Assessment", path: Path, lang: "Lang") -> None:
    write_csv(assessment.scorecard.to_frame(lang), path)


def _write_scorecard_json(assessment: "Assessment", path: Path, lang: "Lang") -> None:
    _write_json(assessment.to_dict(lang), path)


def _write_provenance(assessment: "Assessment", path: Path, _lang: "Lang") -> None:
    _write_json(assessment.provenance(), path)


def _write_json(content: dict[str, Any], path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_layers(assessment: "Assessment", path: Path, _lang: "Lang") -> None:
    for name, layer in assessment.layers.items():
        if len(layer):
            frame = layer if layer.index.name is None else layer.reset_index()
            frame.to_file(path, layer=name, driver="GPKG")
    for name, table in assessment.tables.items():
        if len(table):
            _write_table(table, path, name)


def _write_table(table: "pd.DataFrame", path: Path, name: str) -> None:
    import pyogrio

    frame = table if table.index.name is None else table.reset_index()
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")
