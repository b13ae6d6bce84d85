"""A text in the two languages of the library (双语文本)."""

import re
from typing import Final, Literal, NamedTuple

__all__ = ["Lang", "Text", "printable"]

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


# What XML cannot hold, half characters, and what turns the direction of writing.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufffe\uffff]+"
)


def printable(text: str) -> str:
    r"""
    Return a text with a space for what no page, sheet or XML can hold.

    Lines and tabs stay. Marks that turn the direction of writing go, so that no name
    makes what stands beside it read backwards.

    Examples
    --------
    >>> printable("a\x00b\u202etxt.exe\nc")
    'a b txt.exe\nc'
    """
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))
