"""Errors are one clear line each, whatever the file holds that they are about."""

import pytest

from ctzgis.errors import (
    CRSError,
    CtzgisError,
    InputError,
    SchemaError,
    SourceError,
    naming,
)
from ctzgis.tables import STREETS


@pytest.mark.parametrize("kind", [CtzgisError, InputError, SourceError])
def test_an_error_is_one_line_whatever_a_file_holds(kind):
    hostile = "field 'a\nb\x1b[2J\u202e\ud800c' is unknown"
    assert str(kind(hostile)) == "field 'a b [2J c' is unknown"


def test_an_error_is_short_whatever_a_file_holds():
    assert len(str(InputError("a" * 300_000))) < 1300


def test_an_error_names_the_file_it_is_about():
    with (
        pytest.raises(SchemaError, match="^a.gpkg: table 'streets' breaks") as caught,
        naming("a.gpkg"),
    ):
        raise SchemaError(STREETS.name, ["it is empty"])
    assert caught.value.problems == ("it is empty",)


def test_a_file_is_not_named_twice():
    with pytest.raises(CRSError, match="^/b/a.gpkg has no CRS$"), naming("a.gpkg"):
        msg = "/b/a.gpkg has no CRS"
        raise CRSError(msg)
