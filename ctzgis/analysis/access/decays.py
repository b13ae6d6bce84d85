"""How the weight of an opportunity falls with time (衰减函数)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ctzgis.analysis.columns import require_function
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "Decay",
    "Exponential",
    "Gaussian",
    "Linear",
    "Power",
    "Steps",
    "decay_told",
    "weights_of",
]


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

    @property
    def told(self) -> Text:
        """The weights in words."""
        rate = f"exp(-{self.beta_per_min:g} t)"
        return Text(f"指数衰减{rate}", f"weights {rate}")


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

    @property
    def told(self) -> Text:
        """The weights in words."""
        curve = f"exp(-t²/(2·{self.sigma_min:g}²))"
        return Text(f"高斯衰减{curve}", f"weights {curve}")


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

    @property
    def told(self) -> Text:
        """The weights in words."""
        power, least = f"t^-{self.alpha:g}", f"{self.least_min:g}"
        return Text(
            f"幂函数衰减{power}，t至少{least}分钟",
            f"weights {power}, t {least} min at least",
        )


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

    @property
    def told(self) -> Text:
        """The weights in words."""
        zero = f"{self.zero_min:g}"
        return Text(
            f"线性衰减，{zero}分钟为0", f"weights falling evenly to 0 at {zero} min"
        )


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

    @property
    def told(self) -> Text:
        """The weights in words."""
        zones = [
            f"{minutes:g} min {self.weights[minutes]:g}"
            for minutes in sorted(self.weights)
        ]
        return Text(
            f"分段权重：{'、'.join(zones)}", f"weights up to {', '.join(zones)}"
        )


def decay_told(decay: Decay | None) -> Text:
    """
    Tell the weights of a decay in words; of a function of one's own only that it is one.

    Examples
    --------
    >>> decay_told(Steps({10: 1, 20: 0.68})).en, decay_told(lambda t: t * 0 + 1).en
    ('weights up to 10 min 1, 20 min 0.68', 'weights by a function of the user')
    >>> decay_told(None).en
    'all trips weigh alike'
    """
    if decay is None:
        return Text("各次出行权重相同", "all trips weigh alike")
    own = Text("权重由用户函数给定", "weights by a function of the user")
    told: Text = getattr(decay, "told", own)
    return told


def weights_of(decay: Decay, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """
    Return the weights of minutes; no trip (NaN) weighs nothing.

    Raises
    ------
    InputError
        If a weight is negative, infinite or undefined, there is not one for each, or
        the decay is no function.
    """
    require_function(decay, "decay", of="minutes")
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
