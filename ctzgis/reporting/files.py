"""Write an assessment into a folder, all of it or nothing (成果文件)."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import SourceError
from ctzgis.tables import safe_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ctzgis.assessment import Assessment
    from ctzgis.texts import Lang

__all__ = ["FILES", "write_assessment"]

FILES: Final = (
    "scorecard.csv",
    "scorecard.json",
    "map.html",
    "report.html",
    "layers.gpkg",
    "provenance.json",
)
"""What :func:`write_assessment` writes."""


def write_assessment(
    assessment: "Assessment", folder: Path | str, *, lang: "Lang" = "zh"
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

    Returns
    -------
    tuple of Path
        The files, in the order of :data:`FILES`.

    Raises
    ------
    SourceError
        If the folder cannot be written to or the disk is full.
    """
    import pyogrio.errors

    folder = Path(folder)
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _require_replaceable(folder)
            with tempfile.TemporaryDirectory(prefix=".ctzgis-", dir=folder) as name:
                for file, write in _writers().items():
                    write(assessment, Path(name) / file, lang)
                for file in FILES:
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
    return tuple(folder / file for file in FILES)


def _require_replaceable(folder: Path) -> None:
    for file in FILES:
        if (folder / file).is_dir():
            msg = f"cannot write into {folder}: {file} is a folder there"
            raise SourceError(msg)


def _writers() -> "dict[str, Callable[[Assessment, Path, Lang], None]]":
    from ctzgis.reporting.maps import write_map
    from ctzgis.reporting.report import write_report

    return {
        "scorecard.csv": _write_csv,
        "scorecard.json": _write_scorecard_json,
        "map.html": lambda a, path, lang: write_map(a, path, lang=lang),
        "report.html": lambda a, path, lang: write_report(a, path, lang=lang),
        "layers.gpkg": _write_layers,
        "provenance.json": _write_provenance,
    }


def _write_csv(assessment: "Assessment", path: Path, lang: "Lang") -> None:
    # Excel takes a CSV for UTF-8 only if it starts with a byte order mark.
    frame = safe_cells(assessment.scorecard.to_frame(lang))
    frame.to_csv(path, index=False, encoding="utf-8-sig")


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
