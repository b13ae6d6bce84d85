"""CSV files hold the digits that people use, and nothing else is changed."""

import math

import numpy as np
import pandas as pd
import pytest

from ctzgis.csv_files import legible, write_csv


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("travel_time_min", 177.40083333333334, "177.4"),
        ("saved_min", 1 / 3, "0.33"),
        ("length_m", 255.80265858222137, "255.8"),
        ("length_km", 309.8705980077142, "309.871"),
        ("area_km2", 134.35354398175028, "134.354"),
        ("reached_share", 5 / 9, "0.5556"),
        ("road_density_km_per_km2", 2.00049, "2"),
        ("free_kph", 29.96, "30"),
        ("lon", 113.06461234567, "113.064612"),
        ("population", 9769354.0, "9769354"),
        ("value", 1234567.891, "1234568"),
        ("value", 0.000123456789, "0.000123457"),
        ("value", -42.5903333333, "-42.5903"),
        ("alone", 0.0, "0"),
        ("opens", 2023.0, "2023"),
        ("point_id", 0.1234567891, "0.1234567891"),
        # Not minutes: a word that ends so has no unit before it.
        ("domain", 12.3456789, "12.3457"),
    ],
)
def test_a_column_has_the_digits_of_its_unit(tmp_path, column, value, shown):
    write_csv(pd.DataFrame({column: [value]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == f"{column}\n{shown}\n"


def test_what_is_missing_or_endless_stays_so(tmp_path):
    frame = pd.DataFrame({"saved_min": [np.nan, np.inf], "score": [np.nan, -np.inf]})
    found = legible(frame)
    assert found["saved_min"].tolist()[1] == math.inf
    assert found["score"].tolist()[1] == -math.inf
    assert found.iloc[0].isna().all()
    write_csv(frame, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()[1] == ","


def test_whole_numbers_texts_and_the_frame_itself_stay():
    frame = pd.DataFrame({"n": [12345678], "open": [True], "x_m": [0.123], "t": ["甲"]})
    before = frame.copy()
    found = legible(frame)
    assert found[["n", "open", "t"]].equals(frame[["n", "open", "t"]])
    assert frame.equals(before)


def test_a_spreadsheet_takes_the_file_for_utf8_and_runs_nothing(tmp_path):
    write_csv(pd.DataFrame({"名称": ["=1+1"]}), tmp_path / "a.csv")
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.decode("utf-8-sig").splitlines() == ["名称", "'=1+1"]
    assert raw.startswith(b"\xef\xbb\xbf")
