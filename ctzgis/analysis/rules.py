"""The rules by which a table was measured, told beside it (测算口径)."""

from typing import TYPE_CHECKING, Any, TypeVar

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["in_one", "ruled", "ruled_as", "rules_of"]

Frame = TypeVar("Frame", bound="pd.DataFrame | pd.Series[Any]")


def ruled(frame: Frame, zh: str, en: str) -> Frame:
    """
    Tell beside a new table by which rules it was measured, as ``attrs["rules"]``.

    Examples
    --------
    >>> import pandas as pd
    >>> ruled(pd.DataFrame({"km": [1.0]}), "直线500米内", "within 500 m").attrs["rules"].en
    'within 500 m'
    """
    frame.attrs["rules"] = Text(zh, en)
    return frame


def in_one(*texts: Text) -> Text:
    """
    Return several rules as one text; empty ones are left out.

    Examples
    --------
    >>> in_one(Text("驾车", "by car"), Text("", ""), Text("30分钟内", "within 30 min")).en
    'by car; within 30 min'
    """
    return Text(
        "；".join(t.zh for t in texts if t.zh), "; ".join(t.en for t in texts if t.en)
    )


def ruled_as(frame: Frame, given: "pd.DataFrame") -> Frame:
    """
    Tell beside a new table the rules of the one that it sums up, if that tells any.

    Examples
    --------
    >>> import pandas as pd
    >>> table = ruled(pd.DataFrame({"km": [1.0]}), "直线500米内", "within 500 m")
    >>> ruled_as(table.sum(), table).attrs["rules"].en
    'within 500 m'
    """
    frame.attrs = {k: v for k, v in given.attrs.items() if k == "rules"}
    return frame


def rules_of(frames: "Mapping[str, pd.DataFrame]") -> dict[str, dict[str, str]]:
    """
    Return the rules of frames by their names, as plain values; of those that tell any.

    Examples
    --------
    >>> import pandas as pd
    >>> table = ruled(pd.DataFrame({"km": [1.0]}), "直线500米内", "within 500 m")
    >>> rules_of({"near": table, "other": pd.DataFrame()})
    {'near': {'zh': '直线500米内', 'en': 'within 500 m'}}
    """
    told = {name: frame.attrs.get("rules") for name, frame in frames.items()}
    return {name: text._asdict() for name, text in told.items() if text is not None}
