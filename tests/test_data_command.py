"""``ctzgis data`` as a user meets it; fetching is tested with the extracts."""

import tomllib

import pytest

from ctzgis.cli import main
from ctzgis.sources.formats.files import data_folder


def out(capsys, *words):
    code = main(["data", *map(str, words)])
    text, complaint = capsys.readouterr()
    assert (code, complaint) == (0, "")
    return text


def entries():
    base = data_folder()
    for index in base.glob("**/SOURCES.toml"):
        for name in tomllib.loads(index.read_text("utf-8")):
            yield (index.parent / name).relative_to(base).as_posix()


def test_every_shipped_file_is_listed_once(capsys, tmp_path):
    shipped, _, _ = out(capsys, "list", "--out", tmp_path).partition("已下载")
    rows = [line.split("  ")[0] for line in shipped.splitlines()]
    assert sorted(row for row in rows if "/" in row) == sorted(entries())


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("随附数据", "许可", "精度 (m)", "湘江与七条支流", "已下载: ", "是")),
        (
            "en",
            (
                "shipped",
                "licence",
                "accuracy (m)",
                "Xiang River and seven",
                "fetched: ",
                "yes",
            ),
        ),
    ],
)
def test_the_list_is_in_both_languages(capsys, tmp_path, lang, words):
    text = out(capsys, "list", "--lang", lang, "--out", tmp_path)
    assert all(word in text for word in words)


def test_a_file_has_its_licence_accuracy_and_whether_it_is_schematic(capsys, tmp_path):
    text = out(capsys, "list", "--lang", "en", "--out", tmp_path)
    (line,) = (
        row for row in text.splitlines() if row.startswith("networks/roads.geojson")
    )
    cells = [cell for cell in line.split("  ") if cell]
    assert [cell.strip() for cell in cells[-3:]] == [
        "ODbL 1.0 (contains OpenStreetMap data)",
        "6000",
        "yes",
    ]


def test_data_alone_lists_them_too(capsys, tmp_path):
    assert out(capsys, "--out", tmp_path) == out(capsys, "list", "--out", tmp_path)


def test_what_was_fetched_is_listed_with_size_date_and_checksum(capsys, tmp_path):
    (tmp_path / "a-latest.osm.pbf").write_bytes(b"x" * 2_500_000)
    (tmp_path / "b-latest.osm.pbf.0123.part").write_bytes(b"x" * 1_000_000)
    md5 = "0" * 32
    (tmp_path / "SOURCES.toml").write_text(
        f'["a-latest.osm.pbf"]\nmd5 = "{md5}"\ndate = 2026-03-03\nurl = "https://a"\n'
        f'["gone.osm.pbf"]\nmd5 = "{md5}"\n',
        encoding="utf-8",
    )
    tail = out(capsys, "list", "--lang", "en", "--out", tmp_path).splitlines()[-2:]
    assert tail[0].split() == [
        "a-latest.osm.pbf",
        "2.5",
        "MB",
        "2026-03-03",
        "md5",
        md5,
        "https://a",
    ]
    assert tail[1].split() == ["b-latest.osm.pbf.0123.part", "1.0", "MB", "unfinished"]


def test_a_folder_without_fetched_files_says_so(capsys, tmp_path):
    assert out(capsys, "list", "--lang", "en", "--out", tmp_path).endswith(
        f"fetched: {tmp_path}\n  —\n"
    )


def test_names_from_files_are_shown_and_not_obeyed(capsys, tmp_path):
    (tmp_path / "a.osm.pbf").write_bytes(b"")
    (tmp_path / "SOURCES.toml").write_text(
        '["a.osm.pbf"]\nmd5 = "\\u001b[31mred"\n', encoding="utf-8"
    )
    text = out(capsys, "list", "--out", tmp_path)
    assert "\x1b" not in text
    assert "?[31mred" in text


def test_a_broken_index_is_told(capsys, tmp_path):
    (tmp_path / "SOURCES.toml").write_text("[", encoding="utf-8")
    assert main(["data", "list", "--out", str(tmp_path)]) == 3
    assert "is not valid TOML" in capsys.readouterr().err
