"""How the command line meets who does not know it yet."""

import pytest

from ctzgis.cli import _parser, main

COMMANDS = (
    *("assess", "check", "matrix", "isochrones", "accessibility", "circles", "compare"),
    *("projects", "index", "missing-links", "critical-roads"),
)


def refused(capsys, *words):
    with pytest.raises(SystemExit) as exit_:
        main(words)
    assert exit_.value.code == 2
    return capsys.readouterr().err


def test_no_command_at_all_shows_the_help(capsys):
    told = refused(capsys)
    assert "begin with: ctzgis assess" in told
    assert "critical-roads" in told


def test_a_misspelt_command_is_answered_with_the_nearest(capsys):
    assert "did you mean 'assess'?" in refused(capsys, "asess")


def test_a_word_like_no_other_gets_no_suggestion(capsys):
    assert "did you mean" not in refused(capsys, "qqqq")


def test_a_wrong_option_costs_two_lines(capsys):
    told = refused(capsys, "assess", "--year", "soon")
    assert len(told.splitlines()) == 2
    assert "see `ctzgis assess --help`" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example_that_parses(capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = capsys.readouterr().out
    line = told.split("example:")[1].split("exit codes:")[0]
    words = " ".join(line.split()).split()
    assert words[:2] == ["ctzgis", command]
    assert _parser().parse_args(words[1:]).run


def test_a_folder_that_may_not_be_written_is_told_in_words(capsys, tmp_path):
    (tmp_path / "towns.csv").write_text("lon,lat\n112.98,28.2\n")
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "times.csv"
    code = main(["matrix", "--origins", str(tmp_path / "towns.csv"), "--out", str(out)])
    assert code == 4
    assert "cannot write" in capsys.readouterr().err
