"""Shortest times over arrays: arrays in, arrays out (计算内核)."""

from ctzgis.network.engine.arrays import Arrays, pack
from ctzgis.network.engine.search import (
    minutes_between,
    minutes_from,
    minutes_from_any,
)

__all__ = ["Arrays", "minutes_between", "minutes_from", "minutes_from_any", "pack"]
