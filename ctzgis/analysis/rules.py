"""The rules by which a table was measured, told beside it (测算口径)."""

from typing import TypeVar

import pandas as pd

from ctzgis.texts import Text

__all__ = ["ruled"]

Frame = TypeVar("Frame", bound=pd.DataFrame)


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
