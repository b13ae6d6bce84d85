"""The packed form of a graph: one weighted arc list in compressed rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

__all__ = ["Arrays", "pack"]


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """
    A directed graph with minutes on its arcs.

    Attributes
    ----------
    count
        Number of vertices.
    forward, backward
        Rows of arcs leaving, and entering, each vertex.
    """

    count: int
    forward: "csr_array"
    backward: "csr_array"


def pack(
    count: int,
    tail: "NDArray[np.int64]",
    head: "NDArray[np.int64]",
    minutes: "NDArray[np.float64]",
) -> Arrays:
    """
    Pack arcs; of parallel arcs the quickest is kept, loops are dropped.

    Raises
    ------
    InputError
        If an arc has a negative or undefined time.
    """
    from scipy.sparse import csr_array

    bad = ~(minutes >= 0)
    if bad.any():
        msg = f"{int(bad.sum())} arcs have a negative or undefined time"
        raise InputError(msg)
    kept = (tail != head) & np.isfinite(minutes)
    tail, head, minutes = tail[kept], head[kept], minutes[kept]
    order = np.lexsort((minutes, head, tail))
    tail, head, minutes = tail[order], head[order], minutes[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    # SciPy before 1.13 searches 32-bit indices only, and they are half the size.
    ends = (tail[first].astype(np.int32), head[first].astype(np.int32))
    arcs = (minutes[first], ends)
    forward = csr_array(arcs, shape=(count, count))
    return Arrays(count, forward, csr_array(forward.T))
