"""Classes of a column and how each is drawn: graduated, or one colour a kind (分级)."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.reporting.maps.column_words import (
    ColumnWord,
    column_word,
    reason_word,
    written,
)
from ctzgis.reporting.palettes import (
    BLUE,
    CATEGORY_COLOURS,
    CRIMSON,
    DIVERGING_COLOURS,
    GRADE_COLOURS,
    GRADE_INKS,
    GREY,
    INK,
    between,
)
from ctzgis.reporting.style import STYLES, Style, style_of
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Classes", "Shape", "classes_of", "plain_style"]

Shape = Literal["area", "line", "dot"]

_MAX_CATEGORIES: Final = len(CATEGORY_COLOURS)
_CLASSES: Final = len(GRADE_COLOURS)
# Columns whose values have a style that all maps share.
_SHARED: Final = {"road_class": "road", "mode": "line"}
# On lines, what is about nothing is grey: white could not be seen.
_LITTLE_INK: Final = "#8c8c8c"
# The least number above 0: the limit of a class that holds 0 only.
_ABOVE_NOTHING: Final = 5e-324
# Rings of what has no number, by why.
_REASON_COLOURS: Final = (CRIMSON, INK, BLUE)
_NO_DATA: Final = Text("无数据", "no data")
_NEVER: Final = Text("不可达", "not reached")
_OTHER: Final = Text("其他", "other")
_TEN_THOUSAND, _MILLION = 1e4, 1e6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """
    What each row of a frame is drawn as.

    Attributes
    ----------
    heading
        What the legend is headed with.
    labels
        What each class is called, in the order of the legend.
    looks
        Styles of each class by the shape it is drawn with.
    of_row
        Number of the class of each row.
    """

    heading: str
    labels: tuple[str, ...]
    looks: "tuple[dict[Shape, Style], ...]"
    of_row: "NDArray[np.int64]" = field(repr=False)


def classes_of(
    values: "pd.Series[Any]",
    name: str,
    *,
    lang: Lang,
    breaks: "Sequence[float] | None" = None,
    reasons: "pd.Series[Any] | None" = None,
) -> Classes:
    """
    Sort the values of a column into classes.

    Numbers are graduated into five classes of about as many rows each, between round
    limits; if more than a fifth are 0 and none is less, 0 is a class of its own. If some
    are below 0 and some above, colours and forms part at 0. Everything else has one
    colour a value, the seven most frequent, and one for all others. Rows without a
    value, and those not reached (infinite), are classes of their own.

    Parameters
    ----------
    values
        Column, a row each.
    name
        Its name, which tells the unit.
    lang
        Language of the legend.
    breaks
        Limits between classes in the unit of the column, rising; ``None`` to find them.
    reasons
        Why a row has no number, e.g. ``"beyond the cutoff"``: a class each; an empty
        text where nothing is known.

    Raises
    ------
    InputError
        If ``breaks`` do not rise, are too many, or the column is not of numbers.

    Examples
    --------
    >>> sorted_in = classes_of(pd.Series([1.0, 4.0, np.nan]), "travel_time_min",
    ...                        lang="en", breaks=[2.0])
    >>> sorted_in.labels
    ('below 2', '2 and more', 'no data')
    >>> sorted_in.of_row.tolist()
    [0, 1, 2]
    """
    word = column_word(name, lang)
    numeric = pd.api.types.is_numeric_dtype(values) and not (
        pd.api.types.is_bool_dtype(values)
    )
    if numeric:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        return _graduated(numbers, word, lang, breaks, reasons)
    if breaks is not None:
        msg = f"column {name!r} has no numbers that `breaks` could part"
        raise InputError(msg)
    return _categories(values, name, word, lang)


def plain_style(order: int, label: str) -> "dict[Shape, Style]":
    """Return how the layer of some place in a list is drawn when nothing is classed."""
    colours = [CATEGORY_COLOURS[i] for i in (5, 1, 3, 2, 0, 6, 4)]
    return _looks(label, colours[order % len(colours)])


def _graduated(
    numbers: "NDArray[np.float64]",
    word: ColumnWord,
    lang: Lang,
    breaks: "Sequence[float] | None",
    reasons: "pd.Series[Any] | None",
) -> Classes:
    shown = numbers * word.factor
    finite = shown[np.isfinite(shown)]
    limits = (
        _found_breaks(finite)
        if breaks is None
        else _required_breaks(breaks, word.factor)
    )
    of_row = np.searchsorted(limits, shown, side="right")
    distinct = np.unique(finite)
    if breaks is None and len(distinct) <= len(limits) + 1:
        labels = [_said(value, lang) for value in distinct]  # a class each
    else:
        labels = _range_labels(limits, lang)
    looks = _grades(limits, labels, word) if labels else []
    count = len(labels)
    for label, colour, missing in _without_number(shown, reasons, lang):
        of_row[missing] = count
        labels = [*labels, label]
        looks = [*looks, _hollow(label, colour)]
        count += 1
    return Classes(
        heading=word.heading, labels=tuple(labels), looks=tuple(looks), of_row=of_row
    )


def _without_number(
    shown: "NDArray[np.float64]", reasons: "pd.Series[Any] | None", lang: Lang
) -> "Iterator[tuple[str, str, NDArray[np.bool_]]]":
    """Yield what rows without a number are called, their colour, and which they are."""
    missing = np.isnan(shown)
    named: dict[str, NDArray[np.bool_]] = {}
    if np.isinf(shown).any():
        named[_NEVER.get(lang)] = np.isinf(shown)
    if reasons is not None and missing.any():
        said = np.array([reason_word(reason, lang) for reason in reasons], dtype=object)
        common = pd.Series(said[missing & (said != "")]).value_counts().index
        for reason in common[: len(_REASON_COLOURS) - len(named)]:
            named[reason] = named.get(reason, False) | (missing & (said == reason))
            missing = missing & (said != reason)
    for (label, rows), colour in zip(named.items(), _REASON_COLOURS, strict=False):
        yield label, colour, rows
    if missing.any():
        yield _NO_DATA.get(lang), GREY, missing


def _required_breaks(breaks: "Sequence[float]", factor: float) -> "NDArray[np.float64]":
    limits = np.asarray(list(breaks), dtype=float) * factor
    if not np.isfinite(limits).all() or (np.diff(limits) <= 0).any():
        msg = f"breaks are {list(breaks)}; give finite limits that rise"
        raise InputError(msg)
    if len(limits) >= _CLASSES:
        msg = f"there are {len(limits)} breaks; a map tells at most {_CLASSES} classes apart"
        raise InputError(msg)
    return limits


def _found_breaks(finite: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return round limits that part the values into classes of about equal size."""
    distinct = np.unique(finite)
    if len(distinct) <= _CLASSES:
        return distinct[1:]
    if finite.min() < 0 < finite.max():
        # What did not change is neither more nor less, however much of it there is.
        sizes = np.abs(finite[finite != 0])
        least, size = (_round(float(q)) for q in np.quantile(sizes, (0.3, 0.6)))
        return np.unique([-size, -least, least, size])
    nothing = finite == 0
    if finite.min() == 0 and nothing.mean() > 1 / _CLASSES:
        return np.append(_ABOVE_NOTHING, _even_breaks(finite[~nothing], _CLASSES - 1))
    return _even_breaks(finite, _CLASSES)


def _even_breaks(finite: "NDArray[np.float64]", count: int) -> "NDArray[np.float64]":
    shares = np.arange(1, count) / count
    limits = np.unique([_round(float(q)) for q in np.quantile(finite, shares)])
    # A limit nothing lies below, or nothing on or above, parts nothing.
    parting: NDArray[np.float64] = limits[
        (limits > finite.min()) & (limits <= finite.max())
    ]
    return parting


def _round(value: float) -> float:
    """Return a number with two significant digits."""
    return float(f"{value:.1e}")


def _range_labels(limits: "NDArray[np.float64]", lang: Lang) -> list[str]:
    if not len(limits):
        return [Text("全部", "all").get(lang)]
    if limits[0] == _ABOVE_NOTHING:
        parts = _range_labels(limits[1:], lang) if len(limits) > 1 else [">0"]
        if len(limits) > 1:
            parts[0] = f">0–{_said(limits[1], lang)}"
        return ["0", *parts]
    said = [_said(limit, lang) for limit in limits]
    dash = Text(" 至 ", " to ").get(lang) if limits[0] < 0 else "–"
    return [
        Text(f"{said[0]} 以下", f"below {said[0]}").get(lang),
        *(f"{low}{dash}{high}" for low, high in pairwise(said)),
        Text(f"{said[-1]} 及以上", f"{said[-1]} and more").get(lang),
    ]


def _said(value: float, lang: Lang) -> str:
    """Return a number as a legend says it, without powers of ten."""
    if lang == "zh" and abs(value) >= _TEN_THOUSAND and value % 1_000 == 0:
        text = f"{value / _TEN_THOUSAND:,.6g}万"
    elif abs(value) >= _MILLION:
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.6g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _grades(
    limits: "NDArray[np.float64]", labels: list[str], word: ColumnWord
) -> "list[dict[Shape, Style]]":
    count = len(labels)
    if len(limits) > 0 and limits[0] < 0 < limits[-1]:
        return _signed_grades(limits, labels)
    places = np.linspace(0, len(GRADE_COLOURS) - 1, count).round().astype(int)
    # Short times are good, dark and large, as on isochrones; of all else, much is.
    best_first = word.unit in {"分钟", "min"}
    looks = []
    for order, (label, place) in enumerate(zip(labels, places, strict=True)):
        rank = count - 1 - order if best_first else order
        step = len(GRADE_COLOURS) - 1 - place if best_first else place
        looks.append(
            _looks(label, GRADE_COLOURS[step], ink=GRADE_INKS[step], grade=rank / count)
        )
    return looks


def _signed_grades(
    limits: "NDArray[np.float64]", labels: list[str]
) -> "list[dict[Shape, Style]]":
    """Return looks that part at 0: orange and marked below, purple above."""
    under = int((limits <= 0).sum())
    at_nothing = int(not (limits == 0).any())
    over = len(labels) - under - at_nothing
    strengths = [
        *(-(under - k) / under for k in range(under)),
        *[0.0] * at_nothing,
        *((k + 1) / over for k in range(over)),
    ]
    looks = []
    for label, strength in zip(labels, strengths, strict=True):
        fill, ink = DIVERGING_COLOURS[2], _LITTLE_INK
        if strength:
            of_side = under if strength < 0 else over
            share = (abs(strength) * of_side - 1) / (of_side - 1) if of_side > 1 else 1
            weak, strong = (1, 0) if strength < 0 else (3, 4)
            fill = ink = between(
                DIVERGING_COLOURS[weak], DIVERGING_COLOURS[strong], share
            )
        look = _looks(label, fill, ink=ink, grade=abs(strength))
        below = strength < 0
        looks.append({k: replace(style, below=below) for k, style in look.items()})
    return looks


def _categories(
    values: "pd.Series[Any]", name: str, word: ColumnWord, lang: Lang
) -> Classes:
    texts = [None if pd.isna(value) else str(value) for value in values]
    counts = pd.Series([text for text in texts if text is not None], dtype=object)
    found = [str(key) for key in counts.value_counts(sort=True).index]
    family = _SHARED.get(name, "")
    shared = bool(family) and all(f"{family}.{key}" in STYLES for key in found)
    if shared:
        found = [
            k
            for f, _, k in (key.partition(".") for key in STYLES)
            if f == family and k in set(found)
        ]
        looks = [_shared(style_of(f"{family}.{key}"), lang) for key in found]
        kept = found
    else:
        kept = found if len(found) <= _MAX_CATEGORIES else found[: _MAX_CATEGORIES - 1]
        as_given = dict(zip(texts, values, strict=True))
        said = [written(as_given[key], word, lang) for key in kept]
        colours = zip(said, CATEGORY_COLOURS, strict=False)
        looks = [_looks(label, colour) for label, colour in colours]
    place = {key: rank for rank, key in enumerate(kept)}
    other, never = len(kept), len(kept) + (len(found) > len(kept))
    of_row = np.array(
        [never if text is None else place.get(text, other) for text in texts],
        dtype=np.int64,
    )
    if other != never:
        looks.append(_looks(_OTHER.get(lang), "#8c8c8c"))
    if None in texts:
        looks.append(_hollow(_NO_DATA.get(lang)))
    labels = tuple(next(iter(look.values())).label.get(lang) for look in looks)
    return Classes(
        heading=word.heading, labels=labels, looks=tuple(looks), of_row=of_row
    )


def _shared(style: Style, lang: Lang) -> "dict[Shape, Style]":
    look = _looks(style.label.get(lang), style.colour)
    return {**look, "line": style}


def _looks(
    label: str, colour: str, *, ink: str = "", grade: float = 0.4
) -> "dict[Shape, Style]":
    """Return a class's style as area, line and dot; more of it is wider and larger."""
    text = Text(label, label)
    return {
        "area": Style(
            label=text,
            colour="#595959",
            width_px=0.6,
            fill=colour,
            fill_opacity=0.75,
        ),
        "line": Style(label=text, colour=ink or colour, width_px=1.2 + 3 * grade),
        "dot": Style(
            label=text,
            colour="#1a1a1a",
            width_px=0.8,
            fill=colour,
            fill_opacity=1.0,
            radius_px=3.5 + 4 * grade,
        ),
    }


def _hollow(label: str, colour: str = GREY) -> "dict[Shape, Style]":
    """Return how what has no value is drawn: hollow, so that no shade is taken for it."""
    text = Text(label, label)
    return {
        "area": Style(
            label=text, colour=colour, width_px=0.8, fill="#ffffff", fill_opacity=0.25
        ),
        "line": Style(label=text, colour=colour, width_px=0.7),
        "dot": Style(
            label=text,
            colour=colour,
            width_px=1.2,
            fill="#ffffff",
            fill_opacity=1.0,
            radius_px=3.5,
        ),
    }
