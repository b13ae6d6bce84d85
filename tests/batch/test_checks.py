"""Files of checks: what they say, and how they are refused."""

import dataclasses

import pytest

from ctzgis import read_checks
from ctzgis.errors import InputError, SourceError
from tests.batch.town import CHECK, HEAD


def test_a_check_is_read_as_it_stands(write_checks, town):
    (check,) = read_checks(write_checks())
    assert (check.id, check.kind, check.reach) == ("c1", "travel_time", "any")
    assert (check.mode, check.profile, check.direction) == ("drive", "free", "from")
    assert (check.cutoff_min, check.threshold.share, check.threshold.each) == (
        10,
        1,
        10,
    )
    assert check.network.files == (town / "town.gpkg",)
    assert check.origins.file == town / "places.csv"


def test_a_title_that_is_left_out_is_the_other_one_or_the_id(write_checks):
    both = CHECK.replace('id = "c1"', 'id = "c1"\ntitle_zh = "到中心"') + CHECK.replace(
        "c1", "c2"
    )
    first, second = read_checks(write_checks(both))
    assert first.title == ("到中心", "到中心")
    assert second.title == ("c2", "c2")


def test_a_year_of_a_check_stands_for_the_networks(write_checks):
    text = CHECK.replace('id = "c1"', 'id = "c1"\nyear = 2035')
    (check,) = read_checks(
        write_checks(text, HEAD.replace("[network]", "[network]\nyear = 2025"))
    )
    assert check.network.year == 2035


def test_without_a_network_it_is_the_shipped_one_of_2020(write_checks):
    (check,) = read_checks(
        write_checks(head=HEAD.replace('[network]\nfiles = ["town.gpkg"]', ""))
    )
    assert (check.network.files, check.network.year) == ((), 2020)


def test_reading_the_file_reads_nothing_it_names(write_checks, town):
    (town / "places.csv").unlink()
    assert len(read_checks(write_checks())) == 1


def test_a_check_cannot_be_changed(write_checks):
    (check,) = read_checks(write_checks())
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.id = "c2"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match="nowhere.toml cannot be read"):
        read_checks(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    "text", ["[[check]", "a = ", "x = 1\nx = 2", "\x00", "[network]\n[network]"]
)
def test_broken_toml_is_told_with_its_file(tmp_path, text):
    path = tmp_path / "checks.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="checks.toml is not valid TOML"):
        read_checks(path)


def test_another_encoding_is_told(tmp_path):
    path = tmp_path / "checks.toml"
    path.write_bytes('title = "到达"'.encode("gbk"))
    with pytest.raises(InputError, match="is not UTF-8"):
        read_checks(path)


REFUSED = [
    ("cutoff_min = 10", "cutof_min = 10", "check 'c1': 'cutoff_min' is missing; minutes above 0 are expected"),
    ("cutoff_min = 10", "cutoff_min = 10\ncutof = 3", "check 'c1': 'cutof' is not known here; did you mean 'cutoff_min'"),
    ("cutoff_min = 10", "cutoff_min = 0", "'cutoff_min' is 0; minutes above 0 are expected"),
    ("cutoff_min = 10", "cutoff_min = -5", "'cutoff_min' is -5"),
    ("cutoff_min = 10", "cutoff_min = nan", "'cutoff_min' is nan"),
    ("cutoff_min = 10", "cutoff_min = inf", "'cutoff_min' is inf"),
    ("cutoff_min = 10", "cutoff_min = true", "'cutoff_min' is True"),
    ("cutoff_min = 10", 'cutoff_min = "10"', "'cutoff_min' is '10'"),
    ("at_least = 1", "at_least = 90", "'share_of_origins_at_least' is 90; a share above 0 and up to 1, 0.9 for 90 %"),
    ("at_least = 1", "at_least = 0", "'share_of_origins_at_least' is 0"),
    ("share_of_origins_at_least = 1", "", "one of 'share_of_origins_at_least', .* is expected; found 0"),
    ("share_of_origins_at_least = 1", "share_of_origins_at_least = 1\nmedian_at_most_min = 5", "found 2"),
    ('kind = "travel_time"', "", "check 'c1': 'kind' is missing; one of 'travel_time'"),
    ('kind = "travel_time"', 'kind = "travel_tme"', "'kind' is 'travel_tme'.*; did you mean 'travel_time'"),
    ('reach = "any"', "", "'reach' is missing; one of 'any', 'all', 'another_city'"),
    ('reach = "any"', 'reach = "none"', "'reach' is 'none'"),
    ('origins = "places"', 'origins = "plcaes"', "'origins' is 'plcaes'.*; did you mean 'places'.*there are: places, centre"),
    ('origins = "places"', "", "'origins' is missing"),
    ('id = "c1"', "", "check 1: 'id' is missing"),
    ('id = "c1"', 'id = "a\\nb"', "a line of text is expected"),
    ('id = "c1"', 'id = "c1"\ntitle_zh = "\\u001b[31m"', "'title_zh' is .*; a line of text is expected"),
    ('id = "c1"', 'id = "c1"\nmode = "fly"', "'mode' is 'fly'; one of 'drive'"),
    ('id = "c1"', 'id = "c1"\ndirection = "back"', "'direction' is 'back'; one of 'from', 'to'"),
    ('id = "c1"', 'id = "c1"\nyear = 20', "'year' is 20; a year such as 2020"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "told"), REFUSED)
def test_a_wrong_key_is_told_with_file_check_and_what_is_expected(
    write_checks, right, wrong, told
):
    with pytest.raises(InputError, match=told) as raised:
        read_checks(write_checks(CHECK.replace(right, wrong)))
    assert str(raised.value).startswith("checks.toml, ")


POINTS = [
    ('file = "places.csv"', "", "points.places: one of 'file', 'plan' or 'shipped' is expected; found none"),
    ('file = "places.csv"', 'file = "a.csv"\nplan = "czt"', "found file and plan"),
    ('file = "places.csv"', 'file = "a.csv"\nelement = "x"', "points.places: 'element' is not known here"),
    ('id_column = "id"', 'id_colum = "id"', "'id_colum' is not known here; did you mean 'id_column'"),
    ("[network]", "[network]\ndatum = 'mars'", "network: 'datum' is 'mars'"),
    ("[network]", "[netwrok]", "the file: 'netwrok' is not known here; did you mean 'network'"),
    ("[points.places]", "[points]\nplaces = 3\n[points.other]", "'points.places' is no table"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "told"), POINTS)
def test_a_wrong_input_is_told_with_its_table(write_checks, right, wrong, told):
    head = HEAD.replace(right, wrong, 1)
    with pytest.raises(InputError, match=told):
        read_checks(write_checks(head=head))


def test_two_checks_of_one_id_are_refused(write_checks):
    with pytest.raises(InputError, match="check ids stand twice: c1"):
        read_checks(write_checks(CHECK + CHECK))


@pytest.mark.parametrize(
    "text", ["", "check = []", "check = 3", "check = [1]", "[check]\nid = 'a'"]
)
def test_a_file_without_checks_is_refused(write_checks, text):
    with pytest.raises(InputError, match=r"\[\[check\]\]"):
        read_checks(write_checks(head=text + "\n", text="" if text else HEAD))


def test_an_area_has_a_direction(write_checks):
    text = """
    [[check]]
    id = "a"
    kind = "area"
    origins = "places"
    cutoff_min = 5
    direction = "to"
    area_at_least_km2 = 1
    """
    (check,) = read_checks(write_checks(text))
    assert check.direction == "to"
    assert check.off_road_m is None
