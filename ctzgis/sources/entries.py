"""Entries of a topic file: read once, complained about by file, entry and reason."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ctzgis.errors import PlanError
from ctzgis.plan import Citation
from ctzgis.sources.files import read_text
from ctzgis.texts import Text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Entry", "read_entries", "read_mapping"]

E_ = TypeVar("E_", bound=Enum)


class Entry:
    """
    One mapping of a YAML file, whose fields are taken out one by one.

    ``close`` complains of what was not taken: a misspelt field is an error, not
    a silence.
    """

    def __init__(self, path: "Path", raw: Mapping[str, Any], label: str) -> None:
        self._path = path
        self._left = dict(raw)
        self.label = label

    def fail(self, reason: str) -> NoReturn:
        """Raise ``PlanError`` with file, entry and reason."""
        msg = f"{self._path.name}, {self.label}: {reason}"
        raise PlanError(msg)

    def close(self) -> None:
        """Complain of fields nobody asked for."""
        if self._left:
            self.fail(f"unknown field {', '.join(map(repr, sorted(self._left)))}")

    def text(self, field: str, default: str | None = None) -> str:
        """Take a text."""
        value = self._take(field, default)
        if not isinstance(value, str):
            self.fail(f"'{field}' is {value!r}; a text is expected")
        return value

    def optional_text(self, field: str) -> str | None:
        """Take a text that may be missing or null."""
        value = self._left.pop(field, None)
        if value is not None and not isinstance(value, str):
            self.fail(f"'{field}' is {value!r}; a text is expected")
        return value

    def bilingual(self, stem: str) -> Text:
        """Take ``<stem>_zh`` and ``<stem>_en``."""
        return Text(self.text(f"{stem}_zh"), self.text(f"{stem}_en"))

    def number(self, field: str) -> float:
        """Take a number."""
        return self._number(field, self._take(field, None))

    def optional_number(self, field: str) -> float | None:
        """Take a number that may be missing or null."""
        value = self._left.pop(field, None)
        return None if value is None else self._number(field, value)

    def whole(self, field: str) -> int:
        """Take a whole number."""
        value = self.number(field)
        if value != int(value):
            self.fail(f"'{field}' is {value!r}; a whole number is expected")
        return int(value)

    def optional_whole(self, field: str) -> int | None:
        """Take a whole number that may be missing or null."""
        if self._left.get(field) is None:
            self._left.pop(field, None)
            return None
        return self.whole(field)

    def flag(self, field: str) -> bool:
        """Take true or false."""
        value = self._take(field, None)
        if not isinstance(value, bool):
            self.fail(f"'{field}' is {value!r}; true or false is expected")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Take a list of texts; a missing one is empty."""
        value = self._left.pop(field, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.fail(f"'{field}' is {value!r}; a list of texts is expected")
        return tuple(value)

    def word(self, field: str, words: type[E_], default: E_ | None = None) -> E_:
        """Take a word of a closed set."""
        value = self._left.pop(field, default)
        if isinstance(value, words):
            return value
        try:
            return words(value)
        except ValueError:
            allowed = ", ".join(repr(w.value) for w in words)
            self.fail(f"'{field}' is {value!r}; one of {allowed} is expected")

    def entry(self, field: str) -> "Entry | None":
        """Take a mapping; ``None`` if it is missing."""
        value = self._left.pop(field, None)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.fail(f"'{field}' is {value!r}; a mapping is expected")
        return Entry(self._path, value, f"{self.label}, {field}")

    def entries(self, field: str) -> "tuple[Entry, ...]":
        """Take a list of mappings; a missing one is empty."""
        value = self._left.pop(field, [])
        if not isinstance(value, list):
            self.fail(f"'{field}' is {value!r}; a list is expected")
        for item in value:
            if not isinstance(item, Mapping):
                self.fail(f"'{field}' holds {item!r}; a mapping is expected")
        return tuple(
            Entry(self._path, item, f"{self.label}, {field} {number}")
            for number, item in enumerate(value, start=1)
        )

    def citation(self) -> Citation:
        """Take ``cite`` and pass over ``also_in``, which only readers of the file need."""
        self._left.pop("also_in", None)
        cite = self.entry("cite")
        if cite is None:
            self.fail("'cite' is missing; every entry says where it is from")
        citation = Citation(document=cite.text("document"), place=cite.text("place"))
        cite.close()
        return citation

    def _take(self, field: str, default: Any) -> Any:
        value = self._left.pop(field, default)
        if value is None:
            self.fail(f"'{field}' is missing")
        return value

    def _number(self, field: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(f"'{field}' is {value!r}; a number is expected")
        return float(value)


def read_entries(path: "Path") -> tuple[Entry, ...]:
    """
    Read a YAML file that is a list of entries, each with an ``id``.

    Raises
    ------
    SourceError
        If the file cannot be read.
    PlanError
        If it is no list of mappings with ids.
    """
    raw = _load(path)
    if not isinstance(raw, list):
        msg = f"{path.name}: a list of entries is expected, found {type(raw).__name__}"
        raise PlanError(msg)
    return tuple(_entry(path, item, number) for number, item in enumerate(raw, 1))


def read_mapping(path: "Path") -> Entry:
    """Read a YAML file that is one mapping."""
    raw = _load(path)
    if not isinstance(raw, Mapping):
        msg = f"{path.name}: a mapping is expected, found {type(raw).__name__}"
        raise PlanError(msg)
    return Entry(path, raw, "the file")


def _entry(path: "Path", raw: Any, number: int) -> Entry:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        msg = f"{path.name}: entry {number} has no id"
        raise PlanError(msg)
    return Entry(path, raw, f"entry '{raw['id']}'")


def _load(path: "Path") -> Sequence[Any] | Mapping[str, Any] | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Both are safe loaders: tags that would build objects are refused.
        loaded: Any = yaml.load(read_text(path), Loader=loader)
    except yaml.YAMLError as error:
        msg = f"{path.name} is not valid YAML: {error}"
        raise PlanError(msg) from error
    return loaded  # type: ignore[no-any-return]
