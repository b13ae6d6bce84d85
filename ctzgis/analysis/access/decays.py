"""How the weight of an opportunity falls with time (衰减函数)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Decay", "Exponential", "Gaussian", "Linear", "Power", "Steps", "weights_of"]


class Decay(Protocol):
    """Weights of minutes: any function of an array serves that gives 0 or more."""

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """
    Weights ``exp(-beta t)``.

    Attributes
    ----------
    beta_per_min
        Rate of decay, above 0; half the weight is left after ``0.693 / beta`` minutes.

    Examples
    --------
    >>> import numpy as np
    >>> Exponential(beta_per_min=0.1)(np.array([0.0, 10.0])).round(3)
    array([1.   , 0.368])
    """

    beta_per_min: float

    def __post_init__(self) -> None:
        _require_above_0("beta_per_min", self.beta_per_min)

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""
        return np.exp(-self.beta_per_min * minutes)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """
    Weights ``exp(-t² / 2 sigma²)``.

    Attributes
    ----------
    sigma_min
        Minutes after which 0.607 of the weight is left, above 0.
    """

    sigma_min: float

    def __post_init__(self) -> None:
        _require_above_0("sigma_min", self.sigma_min)

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""
        return np.exp(-0.5 * (minutes / self.sigma_min) ** 2)


@dataclass(frozen=True, slots=True)
class Power:
    """
    Weights ``t ** -alpha`` (Hansen 1959), with no time below a minute.

    Attributes
    ----------
    alpha
        Exponent, above 0.
    least_min
        Minutes that shorter trips are taken to last, above 0.
    """

    alpha: float
    least_min: float = 1.0

    def __post_init__(self) -> None:
        _require_above_0("alpha", self.alpha)
        _require_above_0("least_min", self.least_min)

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""
        return np.maximum(minutes, self.least_min) ** -self.alpha


@dataclass(frozen=True, slots=True)
class Linear:
    """
    Weights that fall evenly from 1 to 0.

    Attributes
    ----------
    zero_min
        Minutes from which nothing is left, above 0.
    """

    zero_min: float

    def __post_init__(self) -> None:
        _require_above_0("zero_min", self.zero_min)

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""
        return np.maximum(1 - minutes / self.zero_min, 0.0)


@dataclass(frozen=True, slots=True)
class Steps:
    """
    Weights by zones of travel time, as the enhanced method has them (Luo and Qi 2009).

    Attributes
    ----------
    weights
        Weight up to each number of minutes, inclusive; nothing beyond the last.

    Examples
    --------
    >>> import numpy as np
    >>> Steps({10: 1.0, 20: 0.68, 30: 0.22})(np.array([10.0, 10.5, 30.0, 31.0]))
    array([1.  , 0.68, 0.22, 0.  ])
    """

    weights: "Mapping[float, float]"

    def __post_init__(self) -> None:
        for minutes, weight in self.weights.items():
            _require_above_0("a zone's minutes", minutes)
            if not weight >= 0:
                msg = (
                    f"the weight up to {minutes} min is {weight}; 0 or more is expected"
                )
                raise InputError(msg)
        if not self.weights:
            msg = "Steps has no zones; give minutes and weights"
            raise InputError(msg)

    def __call__(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return a weight for each time."""
        zones = sorted(self.weights)
        weights = np.array([*(self.weights[zone] for zone in zones), 0.0])
        found: NDArray[np.float64] = weights[np.searchsorted(zones, minutes)]
        return found


def weights_of(decay: Decay, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """
    Return the weights of minutes; no trip (NaN) weighs nothing.

    Raises
    ------
    InputError
        If a weight is negative, infinite or undefined, or there is not one for each.
    """
    there = np.isfinite(minutes)
    found = np.asarray(decay(minutes[there]), dtype=float)
    if found.shape != (there.sum(),) or not (np.isfinite(found) & (found >= 0)).all():
        msg = "decay has to give one finite weight of 0 or more for each time"
        raise InputError(msg)
    weights = np.zeros(minutes.shape)
    weights[there] = found
    return weights


def _require_above_0(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        msg = f"{name} is {value}; a number above 0 is expected"
        raise InputError(msg)
