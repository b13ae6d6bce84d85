"""The whole report of Gridville, word for word, in both languages."""

from difflib import unified_diff
from pathlib import Path

import pytest

import ctzgis
from ctzgis.examples import gridville, gridville_places
from ctzgis.reporting.reports.report import write_report

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gridville")
    gridville_places().to_file(folder / "people.gpkg")
    streets = gridville().roads.roads.reset_index(drop=True)[["geometry"]]
    streets.to_file(folder / "streets.gpkg")
    return ctzgis.assess(
        "gridville",
        network=gridville(),
        population=folder / "people.gpkg",
        roads=folder / "streets.gpkg",
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_report_of_gridville_is_the_golden_one(town, tmp_path, lang):
    written = tmp_path / f"gridville.{lang}.md"
    write_report(town, written, lang=lang)
    text = written.read_text("utf-8").replace(ctzgis.__version__, "VERSION")
    written.write_text(text, "utf-8")
    golden = GOLDEN / written.name
    wanted = golden.read_text("utf-8") if golden.exists() else ""
    difference = unified_diff(
        wanted.splitlines(), text.splitlines(), "golden", "now", lineterm=""
    )
    told = "\n".join(difference)
    assert text == wanted, f"{told}\nif this is meant: cp {written} {golden}"
