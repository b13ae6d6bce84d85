"""The Chinese README: what it shows runs, and it shows no other commands than the English."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(
    not (ROOT / "README.zh.md").exists(), reason="the README is not beside the tests"
)


def blocks(name, language):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_its_python_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = blocks("README.zh.md", "python")
    assert len(shown) >= 2
    known = {}
    for block in shown:
        exec(block, known)
    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000


def test_it_shows_the_same_commands_as_the_english_one():
    def commands(name):
        lines = "\n".join(blocks(name, "sh")).splitlines()
        words = (re.findall(r"\bctzgis ([a-z-]+)", line) for line in lines)
        return {word for found in words for word in found}

    assert commands("README.zh.md") == commands("README.md")
