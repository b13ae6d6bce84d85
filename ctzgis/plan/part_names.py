"""What the parts of a plan are called (规划内容)."""

from typing import TYPE_CHECKING, Final

from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PART_NAMES"]

PART_NAMES: Final["Mapping[str, Text]"] = {
    "documents": Text("文件", "documents"),
    "precedence": Text("效力规则", "rules of precedence"),
    "extents": Text("空间范围", "extents"),
    "structure": Text("结构要素", "elements of the structure"),
    "corridors": Text("通道", "corridors"),
    "systems": Text("通道体系", "corridor systems"),
    "places": Text("地点", "places"),
    "targets": Text("目标", "targets"),
    "circles": Text("时间圈", "time circles"),
    "rules": Text("服务规则", "service rules"),
    "tasks": Text("评估任务", "tasks"),
    "baselines": Text("现状值", "stated facts"),
    "facilities": Text("设施类别", "kinds of facilities"),
    "towns": Text("城镇等级", "town levels"),
    "conflicts": Text("矛盾", "conflicts"),
    "printings": Text("勘误", "printing errors"),
}
"""Names of what ``Plan.parts`` holds."""
