"""What is there: roads, lines and how they are travelled (网络)."""

from ctzgis.network.building import join_networks
from ctzgis.network.edits import (
    AddLine,
    AddRoad,
    ChangeHeadway,
    CloseLine,
    CloseRoad,
    Edit,
    Project,
    UpgradeRoad,
)
from ctzgis.network.lines import Stop, TransitLine
from ctzgis.network.projects import (
    corridor_projects,
    projects_of,
    without_projects,
)
from ctzgis.network.roads import RoadNetwork
from ctzgis.network.scenarios import Scenario, scenarios_of
from ctzgis.network.speeds import CLASS_KPH, DEFAULT_RULES, Profile, TravelRules
from ctzgis.network.travel import TravelNetwork
from ctzgis.network.travel_graph import Direction, Mode

__all__ = [
    "CLASS_KPH",
    "DEFAULT_RULES",
    "AddLine",
    "AddRoad",
    "ChangeHeadway",
    "CloseLine",
    "CloseRoad",
    "Direction",
    "Edit",
    "Mode",
    "Profile",
    "Project",
    "RoadNetwork",
    "Scenario",
    "Stop",
    "TransitLine",
    "TravelNetwork",
    "TravelRules",
    "UpgradeRoad",
    "corridor_projects",
    "join_networks",
    "projects_of",
    "scenarios_of",
    "without_projects",
]
