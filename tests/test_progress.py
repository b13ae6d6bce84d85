"""Lines about long work, by a clock that the tests turn."""

import io
import sys

import pytest

from ctzgis import progress
from ctzgis.errors import InputError
from ctzgis.progress import part_of, tell_once, telling


@pytest.fixture
def clock(monkeypatch):
    """Return what turns the clock on by seconds."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def turn(seconds):
        now[0] += seconds

    return turn


class Stream(io.StringIO):
    """A standard error that is a terminal or not."""

    def __init__(self, *, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def stream(monkeypatch):
    """Return what puts a stream in place of standard error."""
    monkeypatch.delenv("CTZGIS_PROGRESS", raising=False)

    def put(*, terminal, module=__name__):
        made = type("Made", (Stream,), {"__module__": module})(terminal=terminal)
        monkeypatch.setattr(sys, "stderr", made)
        return made

    return put


def work(clock, to=None):
    """Work for ten seconds, told twice a second."""
    with telling("matrix", to) as tell:
        for k in range(20):
            tell(k / 20)
            clock(0.5)


def test_lines_begin_after_two_seconds_and_come_once_a_second(clock):
    told = []
    work(clock, told.append)
    # After k seconds k tenths are done, which leaves 10 - k seconds.
    lines = [f"matrix: {10 * k} % (about {10 - k} s left)" for k in range(2, 10)]
    assert told == [*lines, "matrix: done in 10 s"]


def test_short_work_tells_nothing(clock):
    told = []
    with telling("matrix", told.append) as tell:
        tell(0.5)
        clock(1.9)
        tell(0.9)
    assert told == []


def test_the_time_left_is_that_at_the_pace_since_the_first_share(clock):
    told = []
    with telling("matrix", told.append) as tell:
        clock(60)  # compiling, say
        tell(0.5)
        clock(3)
        tell(0.6)  # a tenth in 3 s
    assert told[:2] == ["matrix: 50 %", "matrix: 60 % (about 12 s left)"]


def test_no_time_left_is_told_before_anything_is_done(clock):
    told = []
    with telling("matrix", told.append) as tell:
        clock(3)
        tell(0)
    assert told == ["matrix: 0 %", "matrix: done in 3 s"]


def test_a_share_never_falls_nor_passes_all(clock):
    told = []
    with telling("matrix", told.append) as tell:
        for share in (0.5, 0.4, 7.0):
            clock(2)
            tell(share)
    assert [one.split(" (")[0] for one in told] == [
        "matrix: 50 %",
        "matrix: 50 %",
        "matrix: 99 %",
        "matrix: done in 6 s",
    ]


def test_what_is_not_all_is_not_told_to_be(clock):
    told = []
    with telling("matrix", told.append) as tell:
        clock(2)
        tell(0.9999)
    assert told[0].startswith("matrix: 99 %")


@pytest.mark.parametrize(
    ("seconds", "text"), [(119.5, "120 s"), (150, "2 min"), (7300, "2 h")]
)
def test_times_are_told_in_the_unit_that_suits_them(clock, seconds, text):
    told = []
    with telling("matrix", told.append) as tell:
        tell(0)
        clock(seconds)
        tell(0.5)
    assert told[0] == f"matrix: 50 % (about {text} left)"


def test_work_that_is_broken_off_is_not_told_to_be_done(clock):
    told = []
    with pytest.raises(KeyboardInterrupt), telling("matrix", told.append) as tell:
        clock(2)
        tell(0.5)
        raise KeyboardInterrupt
    assert len(told) == 1


def test_a_terminal_shows_one_line_that_is_overwritten(clock, stream):
    terminal = stream(terminal=True)
    with telling("matrix") as tell:
        tell(0)
        clock(2)
        tell(0.25)
    first = "ctzgis: matrix: 25 % (about 6 s left)"
    last = "ctzgis: matrix: done in 2 s".ljust(len(first))
    assert terminal.getvalue() == f"\r{first}\r{last}\n"


def test_a_terminal_s_line_ends_when_work_is_broken_off(clock, stream):
    terminal = stream(terminal=True)
    with pytest.raises(KeyboardInterrupt), telling("matrix") as tell:
        clock(2)
        tell(0.25)
        raise KeyboardInterrupt
    assert terminal.getvalue() == "\rctzgis: matrix: 25 %\n"


def test_a_notebook_shows_what_a_terminal_shows(clock, stream):
    notebook = stream(terminal=False, module="ipykernel.iostream")
    work(clock)
    assert notebook.getvalue().endswith("\n")
    assert notebook.getvalue().count("\r") == 9


def test_a_file_or_pipe_is_told_nothing(clock, stream):
    pipe = stream(terminal=False)
    work(clock)
    tell_once("compiling")
    assert pipe.getvalue() == ""


class Bare:
    """What another program may put in place of standard error."""

    def write(self, _):
        raise AssertionError


@pytest.mark.parametrize("console", [None, Bare()])
def test_no_console_or_an_unknown_one_is_told_nothing(clock, console, monkeypatch):
    monkeypatch.delenv("CTZGIS_PROGRESS", raising=False)
    monkeypatch.setattr(sys, "stderr", console)
    work(clock)


def test_a_closed_console_is_told_nothing(clock, stream):
    stream(terminal=True).close()
    work(clock)


def test_the_environment_silences_a_terminal(clock, stream, monkeypatch):
    terminal = stream(terminal=True)
    monkeypatch.setenv("CTZGIS_PROGRESS", "0")
    work(clock)
    tell_once("compiling")
    assert terminal.getvalue() == ""


def test_the_environment_lets_a_file_be_told_line_by_line(clock, stream, monkeypatch):
    file = stream(terminal=False)
    monkeypatch.setenv("CTZGIS_PROGRESS", "1")
    work(clock)
    lines = file.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[-1] == "ctzgis: matrix: done in 10 s"


def test_the_environment_does_not_silence_what_is_given(clock, monkeypatch):
    monkeypatch.setenv("CTZGIS_PROGRESS", "0")
    told = []
    work(clock, told.append)
    assert len(told) == 9


def test_another_wish_of_the_environment_is_refused(stream, monkeypatch):
    stream(terminal=True)
    monkeypatch.setenv("CTZGIS_PROGRESS", "loud")
    with pytest.raises(InputError, match="CTZGIS_PROGRESS is 'loud'"), telling("x"):
        pass


def test_a_line_told_once_stands_by_itself(stream):
    terminal = stream(terminal=True)
    tell_once("compiling")
    assert terminal.getvalue() == "\rctzgis: compiling\n"


def test_a_step_tells_its_part_of_the_whole():
    told = []
    step = part_of(told.append, 0.5, 0.75)
    step(0)
    step(0.5)
    step(1)
    assert told == [0.5, 0.625, 0.75]
