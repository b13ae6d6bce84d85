"""Tables of a file of checks, whose keys are taken out one by one (配置表)."""

import difflib
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Section", "hint"]

# Line breaks, what steers a terminal, half characters.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Section:
    """
    One table of a file; every complaint names file, table and key.

    ``close`` complains of keys that were not asked for: a misspelt one is an error,
    not a silence.
    """

    def __init__(self, file: str, label: str, raw: Mapping[str, Any]) -> None:
        self._file = file
        self._label = label
        self._left = dict(raw)
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def fail(self, reason: str) -> NoReturn:
        """Raise ``InputError`` with file, table and reason."""
        msg = f"{self._file}, {self._label}: {reason}"
        raise InputError(msg)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Take out a line of text."""
        raw = self._take(key)
        if raw is None:
            return default
        if not isinstance(raw, str) or not raw.strip() or _CONTROLS.search(raw):
            self._wrong(key, raw, "a line of text is expected")
        return raw.strip()

    def needed_text(self, key: str) -> str:
        """Take out a line of text that must be there."""
        found = self.text(key)
        if found is None:
            self.fail(f"'{key}' is missing; a line of text is expected")
        return found

    def word(self, key: str, words: "Sequence[str]", default: str | None = None) -> str:
        """Take out one of some words; it must be there if it has no default."""
        expected = f"one of {', '.join(map(repr, words))} is expected"
        raw = self._take(key, default)
        if raw is None:
            self.fail(f"'{key}' is missing; {expected}")
        if not isinstance(raw, str) or raw not in words:
            self._wrong(key, raw, expected, hint(str(raw), words))
        return raw

    def number(self, key: str, what: str, *, most: float = math.inf) -> float | None:
        """Take out a number above 0; ``what`` is expected goes into the complaint."""
        raw = self._take(key)
        if raw is None:
            return None
        known = isinstance(raw, (int, float)) and not isinstance(raw, bool)
        if not known or not 0 < raw <= most or raw >= _LARGEST:
            self._wrong(key, raw, what)
        return float(raw)

    def needed_number(self, key: str, what: str) -> float:
        """Take out a number above 0 that must be there."""
        found = self.number(key, what)
        if found is None:
            self.fail(f"'{key}' is missing; {what}")
        return found

    def year(self, key: str) -> int | None:
        """Take out a year."""
        raw = self._take(key)
        if raw is not None and (type(raw) is not int or not 1800 <= raw <= 2200):
            self._wrong(key, raw, "a year such as 2020 is expected")
        return raw

    def flag(self, key: str) -> bool:
        """Take out true or false; false if it is not there."""
        raw = self._take(key, default=False)
        if not isinstance(raw, bool):
            self._wrong(key, raw, "true or false is expected")
        return raw

    def texts(self, key: str) -> tuple[str, ...]:
        """Take out a list of lines of text; empty if it is not there."""
        raw = self._take(key)
        if raw is None:
            return ()
        lines = raw if isinstance(raw, list) else [raw]
        if not lines or not all(
            isinstance(t, str) and t.strip() and not _CONTROLS.search(t) for t in lines
        ):
            self._wrong(key, raw, "a list of lines of text is expected")
        return tuple(lines)

    def inner(self, key: str) -> "dict[str, Section]":
        """Take out a table of tables, each under its name."""
        raw = self._take(key, {})
        if not isinstance(raw, Mapping):
            self._wrong(key, raw, f"tables [{key}.NAME] are expected")
        return {name: self._section(f"{key}.{name}", raw[name]) for name in raw}

    def table(self, key: str) -> "Section":
        """Take out a table; an empty one if it is not there."""
        return self._section(key, self._take(key, {}))

    def rows(self, key: str) -> "list[Section]":
        """Take out an array of tables, each with an ``id``."""
        raw = self._take(key, [])
        if not isinstance(raw, list) or not raw:
            self.fail(f"'{key}' is missing or no list; tables [[{key}]] are expected")
        return [self._row(key, item, number) for number, item in enumerate(raw, 1)]

    def close(self) -> None:
        """Complain of keys that nobody asked for."""
        for key in sorted(self._left):
            known = ", ".join(sorted(self._asked))
            self.fail(
                f"'{key}' is not known here{hint(key, self._asked)}; known are {known}"
            )

    def _take(self, key: str, default: Any = None) -> Any:
        self._asked.append(key)
        return self._left.pop(key, default)

    def _wrong(self, key: str, raw: Any, what: str, more: str = "") -> NoReturn:
        shown = repr(raw)
        shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
        self.fail(f"'{key}' is {shown}; {what}{more}")

    def _section(self, label: str, raw: Any) -> "Section":
        if not isinstance(raw, Mapping):
            self.fail(f"'{label}' is no table; write [{label}]")
        return Section(self._file, label, raw)

    def _row(self, key: str, raw: Any, number: int) -> "Section":
        name = raw.get("id") if isinstance(raw, Mapping) else None
        label = f"{key} '{name}'" if isinstance(name, str) else f"{key} {number}"
        if not isinstance(raw, Mapping):
            self.fail(f"{label} is no table; write [[{key}]]")
        return Section(self._file, label, raw)


def hint(given: str, known: "Iterable[str]") -> str:
    """
    Return what was probably meant, ready to follow a complaint.

    Examples
    --------
    >>> hint("cutof_min", ["cutoff_min", "mode"])
    "; did you mean 'cutoff_min'?"
    """
    near = difflib.get_close_matches(given, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


_SHOWN: Final = 60
_LARGEST: Final = 1e15
