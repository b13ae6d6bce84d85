"""Find the county that each row of a user's file belongs to (行政区划代码匹配)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Match", "match_counties"]

_CODE_FIELDS: Final = (
    "code", "adcode", "ad_code", "行政区划代码", "行政区代码", "区划代码", "区划码",
    "区县代码", "县级码", "pac", "xzqdm", "xzqhdm", "qhdm", "gb", "county_code",
    "code_county",
)  # fmt: skip
_NAME_FIELDS: Final = (
    "name", "name_zh", "名称", "xzqmc", "行政区名称", "区县", "区县名", "县名",
    "name_chn", "county", "name_county", "mc",
)  # fmt: skip
_ENDINGS: Final = ("区", "县", "市")
_TOWN_DIGITS, _VILLAGE_DIGITS = 9, 12
# Tianditu writes the country before the county: 156430102.
_COUNTRY: Final = "156"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which county each row belongs to (``""`` for none), and by which field."""

    by: str
    field: str
    codes: "NDArray[np.object_]"

    @property
    def found(self) -> set[str]:
        """Codes of the counties that have a row."""
        return set(self.codes) - {""}


def match_counties(
    layer: "gpd.GeoDataFrame", counties: "gpd.GeoDataFrame", name: str
) -> Match:
    """Return the match of the most counties; by code rather than by name."""
    known = set(counties.index)
    named = _names_of(counties)
    matches = [
        *_matches("code", _CODE_FIELDS, layer, lambda value: _code(value, known)),
        *_matches("name_zh", _NAME_FIELDS, layer, lambda value: _by_name(value, named)),
    ]
    best = max(matches, key=lambda match: len(match.found), default=None)
    if best is None or not best.found:
        fields = ", ".join(map(str, layer.columns.drop(layer.geometry.name))) or "none"
        msg = (
            f"{name} has no field with division codes or names of the plan's counties; "
            f"its fields are: {fields}. Name one 'code' and fill it with codes such as "
            f"{counties.index[0]}"
        )
        raise InputError(msg)
    if missing := [code for code in counties.index if code not in best.found]:
        lost = ", ".join(f"{code} {counties.at[code, 'name_zh']}" for code in missing)
        msg = (
            f"{name} lacks {len(missing)} of the plan's {len(counties)} counties "
            f"(matched by field '{best.field}'): {lost}; add them or correct their codes"
        )
        raise InputError(msg)
    return best


def _matches(
    by: str,
    usual: tuple[str, ...],
    layer: "gpd.GeoDataFrame",
    code_of: "Callable[[Any], str]",
) -> list[Match]:
    """Match by each field, those of usual names first: the first of equals is taken."""
    fields = list(layer.columns.drop(layer.geometry.name))
    rank = {name: number for number, name in enumerate(usual)}
    fields.sort(key=lambda field: rank.get(str(field).strip().casefold(), len(rank)))
    return [
        Match(by=by, field=str(field), codes=_coded(layer[field], code_of))
        for field in fields
    ]


def _coded(
    values: "pd.Series[Any]", code_of: "Callable[[Any], str]"
) -> "NDArray[np.object_]":
    return np.array([code_of(_clean(value)) for value in values], dtype=object)


def _clean(value: Any) -> str:
    """Return a value as text: half-width, without blanks, numbers without ``.0``."""
    text = "".join(unicodedata.normalize("NFKC", str(value)).split())
    return re.sub(r"(?<=\d)\.0+$", "", text)


def _code(text: str, known: set[str]) -> str:
    if text in known:
        return text
    if not (text.isascii() and text.isdecimal()):
        return ""
    if len(text) == _TOWN_DIGITS and text.startswith(_COUNTRY):
        text = text.removeprefix(_COUNTRY)
    elif len(text) in (_TOWN_DIGITS, _VILLAGE_DIGITS):
        text = text[:6]
    return text if text in known else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """Names of counties and what of them is unambiguous without its ending."""

    whole: dict[str, str]
    stems: dict[str, str]
    cities: tuple[str, ...]


def _names_of(counties: "gpd.GeoDataFrame") -> _Names:
    names = {code: _clean(text) for code, text in counties["name_zh"].items()}
    cities = tuple(sorted({_clean(text) for text in counties["city_zh"]}))
    stems = [_stem(text) for text in (*names.values(), *cities)]
    english = {_clean(t).casefold(): code for code, t in counties["name_en"].items()}
    return _Names(
        whole=_unique([*english.items(), *((text, c) for c, text in names.items())]),
        # 长沙 may be the city or the county.
        stems={
            _stem(text): code
            for code, text in names.items()
            if _stem(text) and stems.count(_stem(text)) == 1
        },
        cities=cities,
    )


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    texts = [text for text, _ in set(pairs)]
    return {text: code for text, code in pairs if texts.count(text) == 1}


def _stem(text: str) -> str:
    return text[:-1] if text.endswith(_ENDINGS) else text


def _by_name(text: str, names: _Names) -> str:
    whole = names.whole.get(text) or names.whole.get(text.casefold())
    if whole:
        return whole
    for city in names.cities:  # 湖南省长沙市芙蓉区
        before, found, after = text.rpartition(city)
        if found and after:
            return names.whole.get(after) or names.stems.get(_stem(after), "")
        if found and before:
            return ""
    return names.stems.get(_stem(text), "")
