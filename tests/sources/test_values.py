import pytest

import ctzgis
from ctzgis.errors import InputError, PlanError, SourceError
from ctzgis.sources.plans.values import read_values


@pytest.fixture
def written(tmp_path):
    """Write a table of values and return its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "values.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_values_are_read_by_target_with_year_and_source(written):
    path = written(
        "target_id,value,year,source\nt002_gdp,20500.5,2023,统计公报\nt002_pm25,38,,\n"
    )
    values, source = read_values(path)
    gdp, pm25 = values["t002_gdp"], values["t002_pm25"]
    assert (gdp.value, gdp.year, gdp.source) == (20500.5, 2023, "统计公报")
    assert (pm25.value, pm25.year, pm25.source) == (38.0, None, "")
    assert source.name == "values.csv"


def test_a_byte_order_mark_is_no_part_of_the_header(written):
    values, _ = read_values(written("target_id,value\nt002_gdp,1\n", "utf-8-sig"))
    assert list(values) == ["t002_gdp"]


def test_a_table_without_rows_gives_no_values(written):
    assert read_values(written("target_id,value\n"))[0] == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "has no column 'target_id', 'value'"),
        ("target_id,number\n", "has no column 'value'"),
        ("target_id;value\nt002_gdp;1\n", "has no column 'target_id', 'value'"),
        ("target_id,value,unit\nt002_gdp,1,%\n", "has a column 'unit'"),
        ("target_id,value\nt002_gdp,a lot\n", "row 2: 'a lot' is no number"),
        ("target_id,value\nt002_gdp,\n", "row 2: '' is no number"),
        ("target_id,value\nt002_gdp,nan\n", "row 2: 'nan' is no number"),
        ("target_id,value\nt002_gdp,1e999\n", "row 2: '1e999' is no number"),
        ('target_id,value\nt002_gdp,"24,500"\n', "row 2: '24,500' is no number"),
        ("target_id,value,year\nt002_gdp,1,2023.5\n", "row 2: '2023.5' is no year"),
        ("target_id,value\na,1\na,2\n", "row 3: target 'a' stands twice"),
        ("target_id,value\n ,1\n", "row 2: no target"),
        ("target_id,value\na,1,2\n", "row 2 has another number of fields"),
        ("target_id,value\na\n", "row 2 has another number of fields"),
        ('target_id,value\n"a,1\n', "is not valid CSV"),
    ],
)
def test_a_wrong_table_is_named_with_row_and_reason(written, text, found):
    with pytest.raises(InputError, match=found) as caught:
        read_values(written(text))
    assert "values.csv" in str(caught.value)


def test_a_text_in_gbk_is_named(written):
    path = written("target_id,value,source\nt002_gdp,1,统计公报\n", "gbk")
    with pytest.raises(InputError, match=r"values\.csv is not UTF-8 text"):
        read_values(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"lost\.csv cannot be read"):
        read_values(tmp_path / "lost.csv")


def test_a_value_of_an_unknown_target_is_answered_with_the_nearest(written):
    path = written("target_id,value\nt002_gpd,24500\n")
    with pytest.raises(
        PlanError, match="no target 't002_gpd'; did you mean 't002_gdp'"
    ):
        ctzgis.assess("czt", year=2020, values=path)


def test_a_field_without_end_is_refused(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("target_id," + "a" * 200_000 + "\nx,1\n")
    with pytest.raises(InputError, match="v.csv is not valid CSV"):
        read_values(path)
