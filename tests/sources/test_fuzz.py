"""A part of the broken files of every format, in every run; ``python -m tests.fuzz`` reads more."""

import pytest

from tests.fuzz.runner import run

COUNT = 1_560  # forty of each format


@pytest.fixture(scope="module")
def tallies(tmp_path_factory):
    return run(count=COUNT, seed=1, processes=2, keep=tmp_path_factory.mktemp("kept"))


def test_nothing_crashes_hangs_or_errs_on_broken_files(tallies):
    assert [fault for tally in tallies.values() for fault in tally.faults] == []


def test_every_format_was_broken_and_read(tallies):
    assert all(
        sum(tally.counts.values()) >= COUNT // len(tallies)
        for tally in tallies.values()
    )
    assert sum(sum(tally.counts.values()) for tally in tallies.values()) == COUNT


def test_most_broken_files_are_refused_or_told_of(tallies):
    # Some changes hurt nothing, e.g. in what nobody reads; others are read and told.
    refused = sum(tally.counts["refused"] for tally in tallies.values())
    assert refused > COUNT / 2
