"""Whether a result can be written is asked before anything is measured."""

import tempfile
from pathlib import Path

import pytest

from ctzgis.cli import main
from ctzgis.errors import SourceError
from ctzgis.reporting.files import require_results_folder
from ctzgis.writing import require_folder, require_place

LOST = ("--network", "lost.gpkg")
RINGS = ("--origins", "lost.csv", "--cutoffs", "15")
WRITING = {
    "assess": (*LOST, "--out", "PLACE/out"),
    "matrix": (*LOST, "--origins", "lost.csv", "--out", "PLACE/t.csv"),
    "isochrones": (*LOST, *RINGS, "--out", "PLACE/r.gpkg"),
    "isochrones as cells": (*LOST, *RINGS, "--out", "PLACE/r.tif"),
    "isochrones on a map": (*LOST, *RINGS, "--out", "r.csv", "--map", "PLACE/r.html"),
    "accessibility": (
        *(*LOST, "--points", "lost.csv", "--opportunities", "lost.csv"),
        *("--cutoffs", "15", "--out", "PLACE/a.csv"),
    ),
    "circles": (*LOST, "--report", "PLACE/c.html"),
    "compare": (*LOST, "2020", "2025", "--out", "PLACE/out"),
    "compare on a page": (*LOST, "2020", "2025", "--html", "PLACE/c.html"),
    "projects": (*LOST, "--contribution", "minutes", "--out", "PLACE/p.csv"),
    "projects on a page": (
        *LOST,
        "--contribution",
        "minutes",
        "--html",
        "PLACE/p.html",
    ),
    "projects as cards": (*LOST, "--cards", "PLACE/cards"),
    "missing-links": (*LOST, "--out", "PLACE/l.csv"),
    "critical-roads": (*LOST, "--out", "PLACE/r.csv"),
    "index": (*LOST, "--csv", "PLACE/i.csv"),
    "index as a chart": (*LOST, "--chart", "PLACE/i.svg"),
    "network": ("build", "lost.geojson", "--out", "PLACE/n.gpkg"),
}


@pytest.mark.parametrize("job", WRITING)
@pytest.mark.parametrize("place", ["a_file", "closed"])
def test_every_command_that_writes_asks_first(
    tmp_path, monkeypatch, capsys, job, place
):
    """The inputs are lost too, which would be told if they were read before."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_file").write_text("in the way")
    (tmp_path / "closed").mkdir()

    # A test may run as a user to whom no folder is closed.
    opened = tempfile.TemporaryFile

    def shut(**kwargs):
        if "closed" in Path(kwargs["dir"]).parts:
            raise PermissionError(13, "Permission denied")
        return opened(**kwargs)

    monkeypatch.setattr("ctzgis.writing.tempfile.TemporaryFile", shut)
    words = [word.replace("PLACE", place) for word in WRITING[job]]
    assert main([job.split()[0], *words]) == 4
    complaint = capsys.readouterr().err
    assert "cannot write" in complaint
    assert place in complaint
    assert "lost" not in complaint


def test_asking_leaves_nothing_behind(tmp_path):
    require_place(tmp_path / "a.csv")
    require_folder(tmp_path / "new" / "out", make=False)
    require_results_folder(tmp_path / "new" / "out", ("html", "md"))
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_is_asked_where_it_will_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    require_folder(Path("new/out"), make=False)
    (tmp_path / "new").write_text("a file")
    with pytest.raises(SourceError, match=r"cannot write into new.out"):
        require_folder(Path("new/out"), make=False)


def test_a_folder_with_the_name_of_a_file_is_told_before(tmp_path):
    (tmp_path / "report.docx").mkdir()
    require_results_folder(tmp_path, ("html",))
    with pytest.raises(SourceError, match=r"report\.docx is a folder there"):
        require_results_folder(tmp_path, ("html", "docx"))


def test_a_map_is_not_forgotten_with_a_grid(capsys):
    words = ("--origins", "lost.csv", "--cutoffs", "15", "--out", "r.tif")
    assert main(["isochrones", *words, "--map", "r.html"]) == 3
    assert "--map draws areas" in capsys.readouterr().err


def test_who_waits_for_a_page_of_circles_is_told_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    main(["circles", *LOST, "--report", "c.html"])
    said, complaint = capsys.readouterr().err.splitlines()
    assert said == "ctzgis: reading and measuring …"
    assert "lost" in complaint
