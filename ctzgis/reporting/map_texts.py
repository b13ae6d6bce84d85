"""What is printed round a map: title, stamp, credits, reference system (图廓整饰)."""

from typing import TYPE_CHECKING, Any, Final

from ctzgis.reporting.words import WORDS
from ctzgis.texts import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctzgis.assessment import Assessment
    from ctzgis.provenance import Source

__all__ = ["frame_texts", "source_credits"]

_CREDIT_CHARACTERS: Final = 60
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
    assessment: "Assessment", *, lang: Lang, approval_no: str | None
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
    """

    def say(zh: str, en: str) -> str:
        return Text(zh, en).get(lang)

    plan, year = assessment.plan, assessment.year
    name, profile = plan.name.get(lang), WORDS[assessment.profile].get(lang)
    notes = [say("示意图", "Schematic")] if assessment.schematic else []
    if not approval_no:
        notes.append(
            say("未经审图 · 不得公开传播", "not reviewed · not for publication")
        )
    approval = say(f"审图号：{approval_no}", f"Approval no. {approval_no}")
    return {
        "title": say(f"{name}评估图", f"{name}: assessment map"),
        "subtitle": say(f"{year}年 · {profile}", f"{year} · {profile}"),
        "stamp": " · ".join(notes),
        "approval": approval if approval_no else "",
        "credits": source_credits(assessment.sources, lang),
        "sources": [_described(source, lang) for source in assessment.sources],
        "crs": say(
            f"量算：{plan.crs} · 图面：Web 墨卡托",
            f"Measured in {plan.crs} · shown in Web Mercator",
        ),
        "version": assessment.version,
        "words": {
            "north": say("指北针", "North arrow"),
            "north_letter": say("北", "N"),
            "sources": say("数据来源：", "Sources: "),
            "sources_hint": say("点击查看全部数据来源", "Click for all sources"),
            "comma": say("；", "; "),
        },
    }


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
    note = Text(f"{unstated}个文件未注明来源", f"{unstated} files of unstated source")
    return (*found, note.get(lang))


def _credits(source: "Source", lang: Lang) -> list[str] | None:
    """Return the credits of one source; ``None`` if it states nothing."""
    stated = f"{source.source} {source.licence}".lower()
    if makers := [credit.get(lang) for word, credit in _MAKERS if word in stated]:
        return makers
    if _FREE_OF_RIGHTS in stated:
        return []
    maker = source.source.strip()
    if maker in _UNSTATED:
        return None
    if len(maker) > _CREDIT_CHARACTERS:
        maker = maker[: _CREDIT_CHARACTERS - 1].rstrip() + "…"
    return [maker if source.licence in _UNSTATED else f"{maker} ({source.licence})"]


def _described(source: "Source", lang: Lang) -> str:
    parts = [source.name, source.what, source.source, source.licence, source.date]
    stated = [part for part in parts if part not in _UNSTATED]
    if source.schematic:
        stated.append(Text("示意", "schematic").get(lang))
    return " · ".join(stated)
