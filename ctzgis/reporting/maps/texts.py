"""What is printed round a map: title, stamp, credits, reference system (图廓整饰)."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ctzgis._version import __version__
from ctzgis.reporting.words import WORDS
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from ctzgis.assessment import Assessment
    from ctzgis.provenance import Source
    from ctzgis.reporting.maps.basemaps import Basemap

__all__ = ["frame_texts", "layer_texts", "source_credits"]

_GCJ_NOTE: Final = Text(
    "本图要素与底图均以 GCJ-02 偏移坐标显示，仅供浏览；数据与量算结果未作偏移",
    "Shapes and tiles are shown in the shifted datum GCJ-02, for looking only; data "
    "and measured results are not shifted",
)

_CREDIT_CHARACTERS: Final = 60
_MOST_NAMES: Final = 3
_UNSTATED: Final = frozenset({"", "unknown", "not stated"})
# Makers whose terms ask for a credit, by what names them in a source or licence.
_MAKERS: Final = (
    ("tianditu", Text("天地图", "Tianditu")),
    ("openstreetmap", Text(_OSM := "© OpenStreetMap contributors (ODbL)", _OSM)),
    ("odbl", Text(_OSM, _OSM)),
    ("geonames", Text("GeoNames (CC BY 4.0)", "GeoNames (CC BY 4.0)")),
    ("gshhg", Text("GSHHG (LGPL)", "GSHHG (LGPL)")),
    ("metroman", Text("MetroMan (MIT)", "MetroMan (MIT)")),
    ("this library", Text("ctzgis 绘制", "drawn by ctzgis")),
)
_FREE_OF_RIGHTS: Final = "no rights claimed"


def frame_texts(
    assessment: "Assessment",
    *,
    lang: Lang,
    approval_no: str | None = None,
    base: "Basemap | None" = None,
    day: date | None = None,
) -> dict[str, Any]:
    """
    Return what the template of the frame prints.

    Parameters
    ----------
    assessment
        What the map shows.
    lang
        Language of the texts.
    approval_no
        Number of the map's approval (审图号); ``None`` if it was not reviewed.
    base
        Base map that lies below.
    day
        Day of the drawing; ``None`` for today.
    """

    def say(zh: str, en: str) -> str:
        return Text(zh, en).get(lang)

    plan, year = assessment.plan, assessment.year
    name, profile = plan.name.get(lang), WORDS[assessment.profile].get(lang)
    return {
        **_common_texts(lang, base=base, day=day),
        "title": say(f"{name}评估图", f"{name}: assessment map"),
        "subtitle": say(f"{year}年 · {profile}", f"{year} · {profile}"),
        "stamp": _stamp(
            lang, schematic=assessment.schematic, approval_no=approval_no, base=base
        ),
        "approval": say(f"审图号：{approval_no}", f"Approval no. {approval_no}")
        if approval_no
        else "",
        "credits": [
            *([base.credit.get(lang)] if base else []),
            *source_credits(assessment.sources, lang),
        ],
        "sources": [source.described(lang) for source in assessment.sources],
        "accuracy": _accuracy(assessment.layers.values(), lang),
        "crs": say(f"量算：{plan.crs}", f"Measured in {plan.crs}")
        + " · "
        + _projection(lang, base),
        "version": assessment.version,
    }


def layer_texts(
    frames: "Mapping[str, gpd.GeoDataFrame]",
    *,
    title: str,
    sources: "Sequence[Source]" = (),
    lang: Lang,
    base: "Basemap | None" = None,
    day: date | None = None,
) -> dict[str, Any]:
    """
    Return what the frame of a map of plain layers prints.

    Parameters
    ----------
    frames
        What the map shows.
    title
        Title of the map; empty for the names of the layers.
    sources
        Where the layers come from.
    lang, base, day
        As in :func:`frame_texts`.
    """

    def say(zh: str, en: str) -> str:
        return Text(zh, en).get(lang)

    systems = dict.fromkeys(_system(frame) for frame in frames.values())
    return {
        **_common_texts(lang, base=base, day=day),
        "title": title or _listed(tuple(frames), lang),
        "subtitle": "",
        "stamp": _stamp(
            lang,
            schematic=any(source.schematic for source in sources)
            or any(_is_schematic(frame) for frame in frames.values()),
            approval_no=None,
            base=base,
        ),
        "approval": "",
        "credits": [
            *([base.credit.get(lang)] if base else []),
            *(
                source_credits(sources, lang)
                or [say("图层由用户提供", "layers as given by the user")]
            ),
        ],
        "sources": [
            *(f"{name} · {_system(frame)}" for name, frame in frames.items()),
            *(source.described(lang) for source in sources),
        ],
        "accuracy": _accuracy(frames.values(), lang),
        "crs": say("数据：", "Data in ")
        + say("、", ", ").join(systems)
        + " · "
        + _projection(lang, base),
        "version": __version__,
    }


def _listed(names: "Sequence[str]", lang: Lang) -> str:
    """Return the names of layers as a title, the first three if there are many."""
    if not names:
        return Text("地图", "Map").get(lang)
    first = Text("、", ", ").get(lang).join(names[:_MOST_NAMES])
    if len(names) <= _MOST_NAMES:
        return first
    rest = len(names) - _MOST_NAMES
    return Text(f"{first}等{len(names)}个图层", f"{first} and {rest} more").get(lang)


def _is_schematic(frame: "gpd.GeoDataFrame") -> bool:
    """Tell whether a frame says that it is schematic, of any row or of all."""
    if frame.attrs.get("schematic") is True:
        return True
    if "schematic" not in frame.columns:
        return False
    return bool((frame["schematic"] == True).any())  # noqa: E712 — may be missing


def _common_texts(
    lang: Lang, *, base: "Basemap | None", day: date | None
) -> dict[str, Any]:
    def say(zh: str, en: str) -> str:
        return Text(zh, en).get(lang)

    drawn = (day or date.today()).isoformat()
    return {
        "date": say(f"制图：{drawn}", f"drawn {drawn}"),
        "note": _GCJ_NOTE.get(lang) if base and base.gcj02 else "",
        "words": {
            "north": say("指北针", "North arrow"),
            "north_letter": say("北", "N"),
            "sources": say("数据来源：", "Sources: "),
            "sources_hint": say("点击查看全部数据来源", "Click for all sources"),
            "comma": say("；", "; "),
        },
    }


def _stamp(
    lang: Lang, *, schematic: bool, approval_no: str | None, base: "Basemap | None"
) -> str:
    notes = [Text("示意图", "Schematic")] if schematic else []
    if not approval_no:
        notes.append(
            Text("未经审图 · 不得公开传播", "not reviewed · not for publication")
        )
    if base and base.gcj02:
        notes.append(Text("GCJ-02 偏移显示", "shown in GCJ-02"))
    return " · ".join(note.get(lang) for note in notes)


def _projection(lang: Lang, base: "Basemap | None") -> str:
    if base and base.gcj02:
        return Text(
            "图面：Web 墨卡托（GCJ-02 偏移）", "shown in Web Mercator, shifted (GCJ-02)"
        ).get(lang)
    return Text("图面：Web 墨卡托", "shown in Web Mercator").get(lang)


def _accuracy(frames: "Iterable[gpd.GeoDataFrame]", lang: Lang) -> str:
    """Return how far positions may be off, from the best to the worst stated."""
    stated = [
        metres
        for frame in frames
        if "accuracy_m" in frame.columns
        for metres in frame["accuracy_m"].dropna().astype(float).tolist()
    ]
    if not stated:
        return ""
    low, high = min(stated), max(stated)
    span = f"{high:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}"
    return Text(f"位置精度 ± {span} 米", f"Positions ± {span} m").get(lang)


def _system(frame: "gpd.GeoDataFrame") -> str:
    authority = frame.crs.to_authority()
    return ":".join(authority) if authority else str(frame.crs.name)


def source_credits(sources: "Iterable[Source]", lang: Lang) -> tuple[str, ...]:
    """
    Return who is to be credited for the inputs, each once and short.

    Parameters
    ----------
    sources
        The inputs.
    lang
        Language of the credits; what a user's file states stays as it is.

    Returns
    -------
    tuple of str
        Makers whose terms ask for a credit, what other files state, and how many
        files state nothing. Facts nobody has rights in are left out.

    Examples
    --------
    >>> from ctzgis.provenance import Source
    >>> survey = Source(name="a.shp", what="roads", source="City survey", licence="internal")
    >>> osm = Source(name="b.pbf", what="roads", source="OpenStreetMap", licence="ODbL")
    >>> source_credits([survey, osm, survey], "en")
    ('City survey (internal)', '© OpenStreetMap contributors (ODbL)')
    """
    listed = tuple(sources)
    names = tuple(source.name for source in listed)
    found: dict[str, None] = {}
    unstated = 0
    for source in listed:
        # What is made from another input is credited with that one.
        named = [] if source.source.startswith(names) else _credits(source, lang)
        unstated += named is None
        found |= dict.fromkeys(named or ())
    if not unstated:
        return tuple(found)
    files = "file" if unstated == 1 else "files"
    note = Text(f"{unstated}个文件未注明来源", f"{unstated} {files} of unstated source")
    return (*found, note.get(lang))


def _credits(source: "Source", lang: Lang) -> list[str] | None:
    """Return the credits of one source; ``None`` if it states nothing."""
    stated = f"{source.source} {source.licence}".lower()
    if makers := [credit.get(lang) for word, credit in _MAKERS if word in stated]:
        return makers
    if _FREE_OF_RIGHTS in stated:
        return []
    if source.source.strip() in _UNSTATED:
        return None
    maker = source.made_by(lang).strip()
    if len(maker) > _CREDIT_CHARACTERS:
        maker = maker[: _CREDIT_CHARACTERS - 1].rstrip() + "…"
    terms = source.terms(lang)
    return [maker if source.licence in _UNSTATED else f"{maker} ({terms})"]
