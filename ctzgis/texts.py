"""A text in the two languages of the library (双语文本)."""

from typing import Literal, NamedTuple

__all__ = ["Lang", "Text"]

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """
    One statement in Chinese and in English.

    Examples
    --------
    >>> Text("现状", "existing").get("en")
    'existing'
    """

    zh: str
    """Chinese wording."""
    en: str
    """English wording."""

    def get(self, lang: Lang) -> str:
        """Return the wording in ``lang``."""
        return self.zh if lang == "zh" else self.en
