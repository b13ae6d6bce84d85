"""Mappings of a scenario card, whose keys are taken out one by one (卡片条目)."""

import difflib
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ctzgis.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["CardEntry", "hint"]

# Line breaks, what steers a terminal, half characters.
_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_MOST_CHARACTERS: Final = 5_000
_MOST_KEYS: Final = 100
_YEARS: Final = (1800, 2200)


class CardEntry:
    """
    One mapping of a card; every complaint names file, entry and key.

    ``close`` complains of keys that were not asked for: a misspelt one is an error,
    not a silence.
    """

    def __init__(self, file: str, label: str, raw: Any) -> None:
        self._file, self._label = file, label
        if not isinstance(raw, Mapping):
            self.fail(f"a mapping is expected, found {_what(raw)}")
        self._left = {str(key): value for key, value in raw.items()}
        self._asked: list[str] = []
        if len(self._left) > _MOST_KEYS:
            self.fail(f"has {len(self._left)} keys; at most {_MOST_KEYS} are expected")

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def fail(self, reason: str) -> NoReturn:
        """Raise ``EditError`` with file, entry and reason."""
        where = f"{self._file}, {self._label}" if self._label else self._file
        msg = f"{where}: {reason}"
        raise EditError(msg)

    def inner(self, label: str, raw: Any) -> "CardEntry":
        """Return a mapping found in this one as an entry of its own."""
        return CardEntry(self._file, ", ".join(filter(None, (self._label, label))), raw)

    def take(self, key: str) -> Any:
        """Take out whatever stands at a key; ``None`` if nothing does."""
        self._asked.append(key)
        return self._left.pop(key, None)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Take out a line of text."""
        raw = self.take(key)
        if raw is None:
            return default
        fits = isinstance(raw, str) and raw.strip() and not _CONTROLS.search(raw)
        if not fits or len(raw) > _MOST_CHARACTERS:
            self._wrong(key, raw, "a line of text")
        return str(raw).strip()

    def needed_text(self, key: str) -> str:
        """Take out a line of text that must be there."""
        found = self.text(key)
        if found is None:
            self.fail(f"'{key}' is missing; a line of text is expected")
        return found

    def needed_id(self, key: str) -> str:
        """Take out an id that must be there; one of digits may stand without quotes."""
        raw = self.take(key)
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw)
        self._left[key] = raw
        return self.needed_text(key)

    def word(self, key: str, words: "Sequence[str]", default: str | None = None) -> str:
        """Take out one of some words; it must be there if it has no default."""
        raw = self.take(key)
        raw = default if raw is None else raw
        expected = f"one of {', '.join(map(repr, words))}"
        if raw is None:
            self.fail(f"'{key}' is missing; {expected} is expected")
        if not isinstance(raw, str) or raw not in words:
            self._wrong(key, raw, expected, hint(str(raw), words))
        return raw

    def number(
        self, key: str, default: float | None = None, *, above: float = -math.inf
    ) -> float | None:
        """Take out a finite number, which must be above a bound."""
        raw = self.take(key)
        if raw is None:
            return default
        if not is_number(raw) or not raw > above:
            bound = f" above {above:g}" if above > -math.inf else ""
            self._wrong(key, raw, f"a number{bound}")
        return float(raw)

    def year(self, key: str) -> int | None:
        """Take out a year."""
        raw = self.take(key)
        if raw is None:
            return None
        first, last = _YEARS
        if not is_number(raw) or raw != int(raw) or not first <= raw <= last:
            self._wrong(key, raw, f"a year from {first} to {last}")
        return int(raw)

    def flag(self, key: str, *, default: bool) -> bool:
        """Take out true or false."""
        raw = self.take(key)
        if raw is None:
            return default
        if not isinstance(raw, bool):
            self._wrong(key, raw, "true or false")
        return raw

    def items(self, key: str) -> list[Any]:
        """Take out a list, empty if there is none."""
        raw = self.take(key)
        if raw is None:
            return []
        if not isinstance(raw, list):
            self._wrong(key, raw, "a list")
        return list(raw)

    def rest(self) -> dict[str, Any]:
        """Take out all that is left: plain values by their keys."""
        left, self._left = self._left, {}
        for key, value in left.items():
            if value is None or isinstance(value, bool):
                continue
            if isinstance(value, str):
                if _CONTROLS.search(value):
                    self._wrong(key, value, "a line of text")
            elif not is_number(value):
                self._wrong(key, value, "a text, a number, true or false")
        return left

    def close(self) -> None:
        """Complain of keys nobody asked for."""
        if self._left:
            first = sorted(self._left)[0]
            near = hint(first, self._asked)
            self.fail(f"unknown key {first!r}{near}")

    def _wrong(self, key: str, raw: Any, expected: str, near: str = "") -> NoReturn:
        shown = repr(raw)
        shown = f"{shown[:60]}…" if len(shown) > 60 else shown
        self.fail(f"'{key}' is {shown}; {expected} is expected{near}")


def is_number(raw: Any) -> bool:
    """Tell whether a value is a finite number."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return False
    try:
        return math.isfinite(float(raw))
    except OverflowError:  # a whole number beyond any float
        return False


def hint(given: str, known: "Iterable[str]") -> str:
    """Return a question whether something known was meant, if it is near."""
    near = difflib.get_close_matches(given, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _what(raw: Any) -> str:
    words = {list: "a list", type(None): "nothing"}
    shown = repr(raw)
    return words.get(type(raw), f"{shown[:60]}…" if len(shown) > 60 else shown)
