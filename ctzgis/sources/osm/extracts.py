"""Download extracts of OpenStreetMap: resumed, checked, put in place whole (OSM 分区数据)."""

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctzgis.errors import InputError, SourceError
from ctzgis.sources.formats.files import read_text, read_toml
from ctzgis.sources.osm.downloads import download, host_of, opened, require_web_address
from ctzgis.writing import cache_folder, written_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctzgis.sources.osm.downloads import Progress

__all__ = [
    "REGIONS",
    "Extract",
    "extracts_folder",
    "fetch_extract",
    "fetched_extracts",
    "parts_in",
]

REGIONS: "Final[Mapping[str, str]]" = {
    "anhui": "安徽", "beijing": "北京", "chongqing": "重庆", "fujian": "福建",
    "gansu": "甘肃", "guangdong": "广东", "guangxi": "广西", "guizhou": "贵州",
    "hainan": "海南", "hebei": "河北", "heilongjiang": "黑龙江", "henan": "河南",
    "hong-kong": "香港", "hubei": "湖北", "hunan": "湖南", "inner-mongolia": "内蒙古",
    "jiangsu": "江苏", "jiangxi": "江西", "jilin": "吉林", "liaoning": "辽宁",
    "macau": "澳门", "ningxia": "宁夏", "qinghai": "青海", "shaanxi": "陕西",
    "shandong": "山东", "shanghai": "上海", "shanxi": "山西", "sichuan": "四川",
    "tianjin": "天津", "tibet": "西藏", "xinjiang": "新疆", "yunnan": "云南",
    "zhejiang": "浙江",
}  # fmt: skip
"""Extracts of China by name; Geofabrik keeps them under ``asia/china/``."""

_PARENT: Final = "asia/china"
_PATH: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*){0,4}")
_BASE: Final = "https://download.geofabrik.de"
_VARIABLE: Final = "CTZGIS_GEOFABRIK"
_LICENCE: Final = "ODbL 1.0 (© OpenStreetMap contributors)"

_MD5: Final = re.compile(r"\s*([0-9a-fA-F]{32})(?:\s|$)")
_MD5_BYTES: Final = 1024
_CHUNK_BYTES: Final = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """
    An extract that lies on disk, whole.

    Attributes
    ----------
    path
        The file.
    region
        Its path at Geofabrik, e.g. ``"asia/china/hunan"``.
    url
        Where it was fetched from.
    size_bytes
        Its size.
    md5
        Its checksum, which is the one the server states.
    date
        Date of the content as the server states it; of the download if it does not.
    new
        Whether it was fetched now; false if it was there already.
    """

    path: Path
    region: str
    url: str
    size_bytes: int
    md5: str
    date: str
    new: bool = True


def fetch_extract(
    region: str,
    *,
    folder: Path | str | None = None,
    url: str | None = None,
    progress: "Progress | None" = None,
) -> Extract:
    """
    Download a region's extract of OpenStreetMap from Geofabrik or a mirror of it.

    What arrives is kept in a file ``….part`` beside the place of the extract. If the
    connection breaks it goes on from there, up to four times in one call and in any later
    call; the extract is put in place when its checksum is the one the server states. An
    extract that is there and up to date is not fetched again. What it is, and on which
    terms, is written into ``SOURCES.toml`` beside it.

    Parameters
    ----------
    region
        A province of China by its English or Chinese name (``"hunan"``, ``"湖南"``), or any
        path of Geofabrik (``"europe/andorra"``).
    folder
        Where to put it; the folder ``osm`` of the user's cache by default.
    url
        Base address of a mirror; ``$CTZGIS_GEOFABRIK`` or Geofabrik by default.
    progress
        Called with the bytes so far and in all (``None`` if the server does not say).

    Returns
    -------
    Extract
        Where it lies, its size, checksum and date.

    Raises
    ------
    InputError
        If the region or the address is none.
    SourceError
        If the server cannot be reached or has no such extract, the connection breaks, the
        checksum is wrong, the file is larger than 40 GB, or the disk has no room.
    """
    path = _region_path(region)
    base = require_web_address(url or os.environ.get(_VARIABLE) or _BASE).rstrip("/")
    address = f"{base}/{path}-latest.osm.pbf"
    place = extracts_folder(folder) / address.rpartition("/")[2]
    _require_own_place(place, path)
    md5 = _stated_md5(f"{address}.md5", path)
    entry = _entries(place.parent).get(place.name, {})
    if place.is_file() and entry.get("md5") == md5 == _md5_of(place):
        return _extract(place, entry, new=False)
    part = place.with_name(f"{place.name}.{md5[:12]}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        for other in parts_in(place.parent):
            if other != part and other.name.startswith(f"{place.name}."):
                other.unlink()  # of an earlier day
        date = datetime.now(UTC).date().isoformat()
        if not part.is_file() or _md5_of(part) != md5:
            date = download(address, part, progress)
        if (found := _md5_of(part)) != md5:
            part.unlink()
            msg = (
                f"{address} does not have the checksum its server states "
                f"({found}, not {md5}); what arrived was deleted; run it again, or name "
                "another mirror"
            )
            raise SourceError(msg)
        part.replace(place)
    except OSError as error:
        raise _told(error, f"cannot write {place}") from error
    entry = {
        "what": f"OpenStreetMap extract {path}",
        "source": f"OpenStreetMap contributors; extract by {host_of(address)}",
        "url": address,
        "date": date,
        "licence": _LICENCE,
        "crs": "EPSG:4326",
        "schematic": False,
        "region": path,
        "md5": md5,
        "bytes": place.stat().st_size,
    }
    _write_entry(place, entry)
    return _extract(place, entry, new=True)


def extracts_folder(folder: Path | str | None = None) -> Path:
    """Return the folder of fetched extracts: the given one or the cache's ``osm``."""
    return Path(folder) if folder else cache_folder() / "osm"


def fetched_extracts(folder: Path | str | None = None) -> tuple[Extract, ...]:
    """Return the extracts that lie in a folder, by name."""
    place = extracts_folder(folder)
    return tuple(
        _extract(place / name, entry, new=False)
        for name, entry in sorted(_entries(place).items())
        if "md5" in entry and (place / name).is_file()
    )


def parts_in(folder: Path) -> tuple[Path, ...]:
    """Return the unfinished downloads in a folder."""
    return tuple(sorted(folder.glob("*.osm.pbf.*.part")))


def _region_path(region: str) -> str:
    name = region.strip().lower().removesuffix("/")
    chinese = {zh: en for en, zh in REGIONS.items()}
    name = chinese.get(name.removesuffix("省").removesuffix("市"), name)
    if name in REGIONS:
        return f"{_PARENT}/{name}"
    if name == "china":
        return _PARENT
    if not _PATH.fullmatch(name):
        msg = (
            f"{region[:40]!r} is no region; a province ({', '.join(REGIONS)}) or a path of "
            "Geofabrik such as europe/andorra is expected"
        )
        raise InputError(msg)
    return name


def _require_own_place(place: Path, path: str) -> None:
    """Refuse to put an extract in the place of one of another region."""
    region = _entries(place.parent).get(place.name, {}).get("region", path)
    if region != path:
        msg = f"{place} is the extract of {region}; choose another folder for {path}"
        raise InputError(msg)


# The web


def _stated_md5(url: str, path: str) -> str:
    from http.client import HTTPException

    try:
        with opened(url) as answer:
            text = answer.read(_MD5_BYTES).decode("ascii", errors="replace")
    except SourceError as error:
        if "does not exist" not in str(error):
            raise
        msg = f"{host_of(url)} has no extract '{path}' ({url} does not exist)"
        raise SourceError(msg) from error
    except (HTTPException, OSError) as error:
        msg = f"the connection to {host_of(url)} broke: {error}"
        raise SourceError(msg) from error
    found = _MD5.match(text)
    if found is None:
        page = " but a web page: a login page of the network?" if "<" in text else ""
        msg = f"{url} is no checksum{page}"
        raise SourceError(msg)
    return found[1].lower()


# The disk


def _md5_of(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _told(error: OSError, what: str) -> SourceError:
    if isinstance(error, SourceError):
        return error
    return SourceError(f"{what}: {error.strerror or error}")


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    index = folder / "SOURCES.toml"
    if not index.is_file():
        return {}
    entries = read_toml(index)
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _write_entry(place: Path, entry: "Mapping[str, Any]") -> None:
    """Put a file's entry into the ``SOURCES.toml`` beside it; the others stay as written."""
    index = place.with_name("SOURCES.toml")
    head = f"[{json.dumps(place.name)}]"
    kept: list[str] = []
    inside = False
    for line in read_text(index).splitlines() if index.is_file() else ():
        inside = line.strip() == head if line.startswith("[") else inside
        if not inside:
            kept.append(line)
    # A text of JSON is a text of TOML too.
    said = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    text = "\n".join([*kept, *([""] if kept and kept[-1] else []), head, *said, ""])
    tomllib.loads(text)
    with written_whole(index) as new:
        new.write_text(text, encoding="utf-8")


def _extract(path: Path, entry: "Mapping[str, Any]", *, new: bool) -> Extract:
    return Extract(
        path=path,
        region=str(entry.get("region", "")),
        url=str(entry.get("url", "")),
        size_bytes=path.stat().st_size,
        md5=str(entry["md5"]),
        date=str(entry.get("date", "")),
        new=new,
    )
