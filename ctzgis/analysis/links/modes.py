"""Modes of trips that are made on roads alone (道路出行方式)."""

from typing import get_args

from ctzgis.errors import InputError
from ctzgis.network.layers import Means

__all__ = ["require_means"]


def require_means(mode: str) -> None:
    """Raise ``InputError`` unless trips of a mode are made on roads alone."""
    if mode not in get_args(Means):
        msg = f"mode {mode!r} is not known; one of {', '.join(get_args(Means))}"
        raise InputError(msg)
