"""How trips are made, in words that travel beside tables (出行口径)."""

from typing import TYPE_CHECKING, Final, TypeVar

from ctzgis.analysis.rules import in_one, ruled
from ctzgis.network.speeds import of_profile
from ctzgis.network.travel_graph import CHAINS
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from ctzgis.network import Direction, Mode, TravelNetwork, TravelRules
    from ctzgis.network.layers import Means

__all__ = [
    "directed",
    "joining_told",
    "lasting",
    "profile_told",
    "ruled_by_trips",
    "trips_told",
]

Frame = TypeVar("Frame", bound="pd.DataFrame | pd.Series[Any]")

_MEANS: "Final[Mapping[Means, Text]]" = {
    "drive": Text("驾车", "by car"),
    "walk": Text("步行", "on foot"),
    "cycle": Text("骑行", "by bicycle"),
}
_PROFILES: "Final[Mapping[str, Text]]" = {
    "free": Text("自由流", "free flow"),
    "peak": Text("高峰", "peak"),
}


def ruled_by_trips(
    frame: Frame,
    network: "TravelNetwork",
    *what: Text,
    modes: "Sequence[Mode]",
    profile: str,
    rules: "TravelRules",
    snapped: bool = True,
) -> Frame:
    """Tell beside a new table what was measured, and how trips on a network are made."""
    how = trips_told(
        modes, profile=profile, rules=network.settled(rules), snapped=snapped
    )
    return ruled(frame, *in_one(*what, how))


def lasting(*at_most_min: float | None) -> Text:
    """
    Tell how long trips may last that count.

    Examples
    --------
    >>> lasting(15, 30).en, lasting(None).en
    ('trips of at most 15, 30 min', 'trips of any length')
    """
    limits = [f"{minutes:g}" for minutes in at_most_min if minutes is not None]
    if not limits:
        return Text("出行时间不设上限", "trips of any length")
    return Text(
        f"出行不超过{'、'.join(limits)}分钟",
        f"trips of at most {', '.join(limits)} min",
    )


def directed(direction: "Direction", of: Text) -> Text:
    """
    Tell which way trips lead.

    Examples
    --------
    >>> directed("to", Text("设施", "facilities")).en
    'trips lead to facilities'
    """
    if direction == "from":
        return Text(f"出行自{of.zh}出发", f"trips lead from {of.en}")
    return Text(f"出行前往{of.zh}", f"trips lead to {of.en}")


def profile_told(profile: str) -> Text:
    """
    Return what a profile is called; its own name if it is a network's own.

    Examples
    --------
    >>> profile_told("peak").en, profile_told("night").en
    ('peak', 'night')
    """
    return _PROFILES.get(profile, Text(profile, profile))


def trips_told(
    modes: "Sequence[Mode]",
    *,
    profile: str,
    rules: "TravelRules",
    snapped: bool = True,
) -> Text:
    r"""
    Tell how trips are made: by which modes, how fast, with which delays, from where.

    Parameters
    ----------
    modes
        One or more; the quickest counts.
    profile
        Whose speeds and delays hold.
    rules
        Assumptions; only those that touch the modes are told.
    snapped
        Whether points are joined to roads, or trips begin and end on them.

    Examples
    --------
    >>> from ctzgis.network import TravelRules
    >>> text = trips_told(["drive"], profile="free", rules=TravelRules(snap_radius_m=0))
    >>> print(text.en.replace("; ", "\n"))
    by car, free flow
    roads at speeds of the network, 15 s per signal, 3 s per other controlled junction
    off the road 20 km/h by car, 1.3 times the straight line
    points join the nearest road, up to 5000 m away
    """
    chains = [CHAINS[mode] for mode in modes]
    means = tuple(dict.fromkeys(part for chain in chains for part in chain))
    by_rail = any(len(chain) > 1 for chain in chains)
    told = [_by(modes, profile), _along(means, profile, rules)]
    if by_rail:
        told.append(_by_lines(rules))
        if any("drive" in chain for chain in chains if len(chain) > 1):
            told.append(_station_access(rules))
    if snapped or by_rail:
        told += [_off_road(means, profile, rules), _joined(rules)]
    return in_one(*told)


def joining_told(mode: "Mode", direction: "Direction", rules: "TravelRules") -> Text:
    """
    Tell which roads points may use.

    Examples
    --------
    >>> from ctzgis.network import TravelRules
    >>> joining_told("walk+rail+walk", "to", TravelRules(snap_radius_m=0)).en
    'roads travelled on foot; points join the nearest road, up to 5000 m away'
    """
    means = _MEANS[CHAINS[mode][0 if direction == "from" else -1]]
    roads = Text(f"{means.zh}可用的道路", f"roads travelled {means.en}")
    return in_one(roads, _joined(rules))


def _by(modes: "Sequence[Mode]", profile: str) -> Text:
    """Name the modes and the profile."""
    names = [_mode(mode) for mode in modes]
    word = profile_told(profile)
    quickest = (
        Text("取最快者", "the quickest counts") if len(names) > 1 else Text("", "")
    )
    whole = Text(
        f"{'、'.join(name.zh for name in names)}，{word.zh}",
        f"{' or '.join(name.en for name in names)}, {word.en}",
    )
    return Text(
        "，".join(filter(None, (whole.zh, quickest.zh))),
        ", ".join(filter(None, (whole.en, quickest.en))),
    )


def _mode(mode: "Mode") -> Text:
    """Name a mode, a chain part by part."""
    chain = CHAINS[mode]
    if len(chain) == 1:
        return _MEANS[chain[0]]
    access, egress = (_MEANS[part] for part in chain)
    return Text(f"{access.zh}＋轨道＋{egress.zh}", f"{access.en} + rail + {egress.en}")


def _along(means: "Sequence[Means]", profile: str, rules: "TravelRules") -> Text:
    """Tell speeds and delays on roads."""
    told = []
    for part in means:
        if part == "drive":
            signal, other = (
                of_profile(values, profile)
                for values in (rules.signal_s, rules.junction_s)
            )
            told.append(
                Text(
                    f"道路取路网车速，每处信号灯{signal:g}秒、其他受控路口{other:g}秒",
                    f"roads at speeds of the network, {signal:g} s per signal, "
                    f"{other:g} s per other controlled junction",
                )
            )
        else:
            kph, word = _kph(part, profile, rules), _MEANS[part]
            told.append(Text(f"{word.zh}{kph:g}公里/时", f"{kph:g} km/h {word.en}"))
    return in_one(*told)


def _kph(part: "Means", profile: str, rules: "TravelRules") -> float:
    """Return the speed off the road."""
    if part == "drive":
        return of_profile(rules.local_kph, profile)
    return rules.walk_kph if part == "walk" else rules.cycle_kph


def _by_lines(rules: "TravelRules") -> Text:
    """Tell waits and changes."""
    checks = {mode: minutes for mode, minutes in rules.security_min.items() if minutes}
    modes = ", ".join(f"{mode} {minutes:g}" for mode, minutes in checks.items())
    told = Text(
        f"候车为发车间隔的{rules.wait_share:g}倍、至多{rules.max_wait_min:g}分钟，"
        f"换乘至少{rules.transfer_min:g}分钟、相距{rules.max_transfer_m:g}米以内",
        f"waits of {rules.wait_share:g} headways, {rules.max_wait_min:g} min at most; "
        f"changes within {rules.max_transfer_m:g} m, {rules.transfer_min:g} min at least",
    )
    if not modes:
        return told
    return in_one(
        told, Text(f"安检（分钟）：{modes}", f"security checks (min): {modes}")
    )


def _station_access(rules: "TravelRules") -> Text:
    minutes = rules.station_access_min
    return Text(
        f"驾车进出站停车或下车{minutes:g}分钟",
        f"{minutes:g} min to park or alight from a car at a station",
    )


def _off_road(means: "Sequence[Means]", profile: str, rules: "TravelRules") -> Text:
    """Tell how fast one comes to the road."""
    speeds = [(_MEANS[part], _kph(part, profile, rules)) for part in means]
    return Text(
        f"路外{'、'.join(f'{w.zh}{kph:g}公里/时' for w, kph in speeds)}，"
        f"路程为直线的{rules.detour:g}倍",
        f"off the road {', '.join(f'{kph:g} km/h {w.en}' for w, kph in speeds)}, "
        f"{rules.detour:g} times the straight line",
    )


def _joined(rules: "TravelRules") -> Text:
    """Tell which roads a point may use."""
    far, near = rules.max_snap_distance_m, rules.snap_radius_m
    if near is None:
        return Text(
            f"点接入路网的范围随路网类型，至多{far:g}米",
            f"points join roads as near as suits the network, up to {far:g} m away",
        )
    if not near:
        return Text(
            f"点接入最近道路，至多{far:g}米",
            f"points join the nearest road, up to {far:g} m away",
        )
    return Text(
        f"点接入{near:g}米内的各条道路，无则接最近者，至多{far:g}米",
        f"points join every road within {near:g} m or else the nearest, up to {far:g} m "
        "away",
    )
