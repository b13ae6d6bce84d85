"""Words of reports in both languages (报告用语)."""

from typing import Final

from ctzgis.texts import Lang, Text

__all__ = ["KINDS", "WORDS", "label", "words"]

WORDS: Final[dict[str, Text]] = {
    "lead": Text(
        "规划承诺与现状、规划网络的对照。数值、方法、精度与来源见各表。",
        "Promises of the plans held against the ground and the planned networks. Every "
        "figure comes with method, accuracy and source.",
    ),
    "stamp": Text(
        "示意数据 · 未经审图 · 不得公开传播",
        "Schematic data · not reviewed · not for publication",
    ),
    "contents": Text("目录", "Contents"),
    "asked": Text("评估内容", "What was asked"),
    "statuses": Text(
        "“无法评估”指数据不足以判断，不等于未达标；落在精度区间内的结论同样不作判定。"
        "“已被取代”指后来的文件或法规另有规定。",
        "“Not assessable” means that the data cannot tell, which is not “unmet”; neither is a "
        "value whose accuracy spans the target. “Superseded” means that a later document or "
        "law holds instead.",
    ),
    "scorecard": Text("记分卡", "Scorecard"),
    "indicator": Text("指标", "Indicator"),
    "subject": Text("对象", "Measured on"),
    "profile": Text("时段", "Profile"),
    "value": Text("数值", "Value"),
    "range": Text("精度区间", "Within"),
    "finding": Text("结论", "Finding"),
    "reason": Text("说明", "Why"),
    "methods": Text("方法与精度", "Methods and accuracy"),
    "method": Text("方法", "Method"),
    "accuracy": Text("精度", "Accuracy"),
    "parameters": Text("参数假定", "Assumptions"),
    "sources": Text("数据来源", "Sources"),
    "file": Text("文件", "File"),
    "what": Text("内容", "What it holds"),
    "origin": Text("来源", "Source"),
    "licence": Text("许可", "Licence"),
    "schematic": Text("（示意）", "(schematic)"),
    "provenance": Text(
        "输入文件的哈希值见 provenance.json",
        "hashes of the inputs are in provenance.json",
    ),
    "free": Text("自由流", "free flow"),
    "peak": Text("高峰", "peak"),
    "wanted": Text("要求", "Wanted"),
    "told": Text("统计值：用户提供或文件所述", "Told by the user or by a document"),
    "waiting": Text("尚不能评估的目标", "Targets that cannot be assessed yet"),
    "waiting_list": Text("尚不能评估的目标清单", "List of targets that wait"),
    "appendix": Text("附录：", "Appendix: "),
    "waiting_note": Text(
        "统计类目标可用 --values 提供统计值；逐项见附录。",
        "Targets that only statistics tell are judged when values are given with --values; "
        "every target is in the appendix.",
    ),
    "target": Text("目标", "Target"),
    "due": Text("期限", "Due"),
    "needed": Text("需要提供", "What to supply"),
    "conflicts": Text("文件之间的矛盾", "Where documents differ"),
    "point": Text("事项", "Point"),
    "says": Text("各文件所述", "What each says"),
    "read_as": Text("本报告的读法", "How it is read here"),
    "no_figure": Text("文件未给出数值", "no figure stated"),
    "maps": Text("图件", "Maps and charts"),
    "circles_page": Text(
        "各年份与全部规划线路的时间圈（驾车、轨道、综合）另成图页：ctzgis circles --report",
        "Time circles of several years and of every planned line, by car, by rail and "
        "combined, free and peak, are a page of their own: ctzgis circles --report",
    ),
    "schematic_data": Text("示意数据", "schematic data"),
    "waiting_for": Text("缺少的资料", "What is missing"),
    "count": Text("目标数", "Targets"),
    "parameter": Text("参数", "Assumption"),
    "within_m": Text("精度/米", "Accuracy, m"),
    "low": Text("下限", "At least"),
    "high": Text("上限", "At most"),
    "of_one": Text("份额（0–1）", "share (0–1)"),
    "unit": Text("单位", "Unit"),
    "goal": Text("目标值", "Target value"),
    "date": Text("日期", "Date"),
    "crs": Text("坐标系", "CRS"),
    "url": Text("网址", "Address"),
    "sha256": Text("SHA-256", "SHA-256"),
    "overview": Text("概要", "Overview"),
    "table": Text("表", "Table"),
    "figure": Text("图", "Figure"),
    "page": Text("页", "Page"),
    "no_picture": Text(
        "此处未能绘图（需安装 ctzgis[figures]）；图见 report.html 与 map.html",
        "not drawn here (pip install 'ctzgis[figures]'); see report.html and map.html",
    ),
    "on_paper": Text(
        "图见 report.html 与 map.html", "see report.html and map.html for the picture"
    ),
    "see_sources": Text("精度与来源见各表", "accuracy and sources as the tables say"),
}

KINDS: Final[dict[str, Text]] = {
    "motorway": Text("高速公路", "motorway"),
    "urban_expressway": Text("城市快速路", "urban expressway"),
    "trunk": Text("干线公路", "trunk road"),
    "primary": Text("主干路", "primary road"),
    "secondary": Text("次干路", "secondary road"),
    "tertiary": Text("支路", "tertiary road"),
    "residential": Text("街坊路", "residential street"),
    "service": Text("内部道路", "service road"),
    "track": Text("土路", "track"),
    "path": Text("步道", "path"),
    "ferry": Text("轮渡", "ferry"),
    "hsr": Text("高速铁路", "high-speed rail"),
    "intercity": Text("城际铁路", "intercity rail"),
    "conventional": Text("普速铁路", "conventional rail"),
    "metro": Text("地铁", "metro"),
    "maglev": Text("磁浮", "maglev"),
    "tram": Text("有轨电车", "tram"),
    "bus": Text("公共汽车", "bus"),
    "cable": Text("索道", "cable car"),
    "funicular": Text("缆索铁路", "funicular"),
    "built": Text("已开通", "open"),
    "planned": Text("规划或在建", "planned or under construction"),
}
"""Words for road classes, line modes and states."""


def words(lang: Lang) -> dict[str, str]:
    """Return the words of a report in one language."""
    return {key: text.get(lang) for key, text in WORDS.items()}


def label(key: str, lang: Lang) -> str:
    """Return the word for a kind or state, or the key itself if there is none."""
    return KINDS[key].get(lang) if key in KINDS else key
