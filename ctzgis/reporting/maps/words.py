"""Words of the controls of a map (地图控件用语)."""

from typing import Final

from ctzgis.texts import Lang, Text

__all__ = ["map_words"]

_WORDS: Final[dict[str, Text]] = {
    "comma": Text("、", ", "),
    "layers": Text("图层", "Layers"),
    "legend": Text("图例", "Legend"),
    "all_of": Text("整组开关", "all of this group"),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
    "distance": Text("量距离", "Measure distance"),
    "distance_short": Text("测距", "Dist."),
    "area": Text("量面积", "Measure area"),
    "area_short": Text("测面", "Area"),
    "search": Text("按名称查找", "Find by name"),
    "search_short": Text("查找", "Find"),
    "full": Text("全屏", "Full screen"),
    "full_short": Text("全屏", "Full"),
    "print": Text("打印（A3 横向）", "Print (A3 landscape)"),
    "print_short": Text("打印", "Print"),
    "close": Text("关闭", "Close"),
    "none_found": Text("没有找到", "nothing found"),
    "measure_hint": Text(
        "单击或回车加点，双击结束，Esc 清除；方向键移图",
        "Click or Enter adds a point, double click ends, Esc clears; arrows move the map",
    ),
    "length": Text("长度", "Length"),
    "perimeter": Text("周长", "Perimeter"),
    "surface": Text("面积", "Area"),
    "on_sphere": Text("球面量算", "on the sphere"),
    "m": Text("米", "m"),
    "km": Text("公里", "km"),
    "m2": Text("平方米", "m²"),
    "km2": Text("平方公里", "km²"),
    "base": Text("底图", "Base map"),
    "key_label": Text("天地图密钥（浏览器端）", "Tianditu key (browser side)"),
    "key_hint": Text(
        "仅用于本页显示，不保存；须联网",
        "used by this page only, stored nowhere; needs the internet",
    ),
    "key_show": Text("显示底图", "Show base map"),
    "scale_on_a3": Text("A3 幅面", "on A3"),
    "about": Text("约", "about"),
}


def map_words(lang: Lang) -> dict[str, str]:
    """Return the words of the controls in one language."""
    return {key: text.get(lang) for key, text in _WORDS.items()}
