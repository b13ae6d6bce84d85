"""Entries of a topic file: read once, complained about by file, entry and reason."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from ctzgis.errors import PlanError
from ctzgis.sources.formats.cache import cached_json
from ctzgis.sources.formats.files import read_text

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
        msg = f"{file}: a list of entries is expected, found {_what(raw)}"
        raise PlanError(msg)
    return tuple(_entry(file, item, number) for number, item in enumerate(raw, 1))


def read_mapping(path: "Path") -> Entry:
    """Read a YAML file that is one mapping, or raise ``PlanError``."""
    raw = parse_yaml(path)
    if not isinstance(raw, Mapping):
        msg = f"{path.name}: a mapping is expected, found {_what(raw)}"
        raise PlanError(msg)
    return Entry(path.name, raw, "the file")


def _what(raw: Any) -> str:
    """Say what a parsed value is, in the words of the format."""
    words = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return words.get(type(raw), repr(raw))


def _entry(file: str, raw: Any, number: int) -> Entry:
    key = raw.get("id") if isinstance(raw, Mapping) else None
    if not isinstance(key, str) or not key:
        msg = f"{file}: entry {number} has no id"
        raise PlanError(msg)
    return Entry(file, raw, f"entry '{key}'")


def parse_yaml(path: "Path") -> Any:
    """
    Parse a YAML file; tags that would build objects and aliases are refused.

    Raises
    ------
    SourceError
        If the file cannot be read.
    PlanError
        If it is not valid YAML, or a mapping says a key twice.
    """
    text = read_text(path)
    return cached_json(text, lambda found: _parsed(found, path.name))


def _parsed(text: str, file: str) -> Any:
    import yaml

    loader = _strict_loader()
    try:
        # A few aliases of aliases stand for more than any memory holds.
        if "*" in text and any(
            isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader)
        ):
            msg = f"{file} uses an alias (*name); write the value out instead"
            raise PlanError(msg)
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, PlanError):
            raise
        msg = f"{file} is not valid YAML: {error}"
        raise PlanError(msg) from error


@cache
def _strict_loader() -> Any:
    """Return PyYAML's safe loader, made to refuse a key that stands twice."""
    import yaml

    class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def construct_mapping(self, node: Any, *, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue  # PyYAML itself refuses what cannot be a key
                if key.value in seen:
                    problem = f"'{key.value}' stands twice"
                    raise yaml.constructor.ConstructorError(
                        None, None, problem, key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep=deep)

    return StrictLoader
