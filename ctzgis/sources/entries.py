"""Entries of a topic file: read once, complained about by file, entry and reason."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ctzgis.errors import PlanError
from ctzgis.sources.cache import cached_json
from ctzgis.sources.files import read_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Entry", "entries_in", "parse_yaml", "read_entries", "read_mapping"]


class Entry:
    """
    One mapping of a topic file, whose fields are taken out one by one.

    ``close`` complains of what was not taken: a misspelt field is an error, not
    a silence.
    """

    def __init__(self, file: str, raw: Mapping[str, Any], label: str) -> None:
        self._file = file
        self._left = dict(raw)
        self.label = label

    def fail(self, reason: str) -> NoReturn:
        """Raise ``PlanError`` with file, entry and reason."""
        msg = f"{self._file}, {self.label}: {reason}"
        raise PlanError(msg)

    def take(self, field: str) -> Any:
        """Take a field out; ``None`` if it is missing or null."""
        return self._left.pop(field, None)

    def inner(self, field: str, raw: Mapping[str, Any]) -> "Entry":
        """Return a mapping found in a field as an entry of its own."""
        return Entry(self._file, raw, f"{self.label}, {field}")

    def close(self) -> None:
        """Complain of fields nobody asked for."""
        if self._left:
            self.fail(f"unknown field {', '.join(map(repr, sorted(self._left)))}")


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
    return entries_in(parse_yaml(path), path.name)


def entries_in(raw: Any, file: str) -> tuple[Entry, ...]:
    """Return the entries of a list that came from a file, or raise ``PlanError``."""
    if not isinstance(raw, list):
        msg = f"{file}: a list of entries is expected, found {type(raw).__name__}"
        raise PlanError(msg)
    return tuple(_entry(file, item, number) for number, item in enumerate(raw, 1))


def read_mapping(path: "Path") -> Entry:
    """Read a YAML file that is one mapping, or raise ``PlanError``."""
    raw = parse_yaml(path)
    if not isinstance(raw, Mapping):
        msg = f"{path.name}: a mapping is expected, found {type(raw).__name__}"
        raise PlanError(msg)
    return Entry(path.name, raw, "the file")


def _entry(file: str, raw: Any, number: int) -> Entry:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        msg = f"{file}: entry {number} has no id"
        raise PlanError(msg)
    return Entry(file, raw, f"entry '{raw['id']}'")


def parse_yaml(path: "Path") -> Any:
    """
    Parse a YAML file; tags that would build objects are refused.

    Raises
    ------
    SourceError
        If the file cannot be read.
    PlanError
        If it is not valid YAML.
    """
    text = read_text(path)
    return cached_json(text, lambda found: _parsed(found, path.name))


def _parsed(text: str, file: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        msg = f"{file} is not valid YAML: {error}"
        raise PlanError(msg) from error
