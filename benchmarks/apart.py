"""How far two answers are apart (差异)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Apart", "apart"]


@dataclass(frozen=True, slots=True)
class Apart:
    """How many values differ, of how many, and by how much at most."""

    differing: int
    of: int
    most: float

    def told(self, to: str) -> str:
        """Return a sentence."""
        if not self.differing:
            return f"equal to {to}: all {self.of:,} values"
        return (
            f"differs from {to}: {self.differing:,} of {self.of:,} values,"
            f" by {self.most:,.6g} at most"
        )


def apart(left: "NDArray[np.float64]", right: "NDArray[np.float64]") -> Apart:
    """Compare two arrays; unreached on one side only is infinitely far apart."""
    same = left == right
    if same.all():
        return Apart(0, left.size, 0.0)
    return Apart(
        int((~same).sum()), left.size, float(np.abs(left - right)[~same].max())
    )
