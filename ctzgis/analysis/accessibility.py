"""Who can reach what in time (可达性)."""

import numpy as np
import pandas as pd

__all__ = ["centres_reached"]


def centres_reached(
    times: pd.DataFrame, population: "pd.Series[float]", *, cutoff_min: float
) -> pd.DataFrame:
    """
    Tell which share of the population reaches one, two, … centres in time.

    Parameters
    ----------
    times
        Travel times from each settlement (``from_id``) to each centre (``to_id``).
    population
        People by settlement id; settlements outside it do not count.
    cutoff_min
        Minutes within which a centre counts as reached.

    Returns
    -------
    DataFrame
        Indexed by ``centres`` (1 … number of centres): ``population`` that reaches
        at least so many, and ``population_share`` of all people (0–1; NaN if there
        is nobody).

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.DataFrame({"from_id": ["a", "a", "b", "b"],
    ...                       "to_id": ["x", "y", "x", "y"],
    ...                       "travel_time_min": [10, 25, 20, 40]})
    >>> people = pd.Series({"a": 300, "b": 100})
    >>> centres_reached(times, people, cutoff_min=30)["population_share"].to_dict()
    {1: 1.0, 2: 0.75}
    """
    table = times.pivot_table(
        index="from_id", columns="to_id", values="travel_time_min", dropna=False
    ).reindex(population.index)
    count = (table <= cutoff_min).sum(axis=1)
    people = population.to_numpy(dtype=float)
    levels = np.arange(1, table.shape[1] + 1)
    reached = [float(people[count.to_numpy() >= level].sum()) for level in levels]
    total = people.sum()
    return pd.DataFrame(
        {
            "population": reached,
            "population_share": [r / total if total else np.nan for r in reached],
        },
        index=pd.Index(levels, name="centres"),
    )
