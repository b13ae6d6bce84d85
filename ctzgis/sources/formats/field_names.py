"""Fields by their names, whatever case and spacing they have (字段名)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["guessed_field", "plain_name"]


def guessed_field(names: "pd.Index[Any]", wanted: tuple[str, ...]) -> str | None:
    """
    Return the field whose name is the first wanted one, whatever its case and spacing.

    Examples
    --------
    >>> import pandas as pd
    >>> guessed_field(pd.Index(["FID", "Road_Class", "长度"]), ("fclass", "roadclass"))
    'Road_Class'
    """
    plain = {plain_name(str(name)): str(name) for name in reversed(list(names))}
    return next((plain[name] for name in wanted if name in plain), None)


def plain_name(name: str) -> str:
    """Return a name without case, blanks and strokes."""
    return "".join(c for c in name.lower() if c not in "_- .")
