"""Gridville in files: its network, its places, and a file of checks beside them."""

from ctzgis.examples import gridville_places

CITIES = {
    "south_west": "西市",
    "north_west": "西市",
    "south_east": "东市",
    "north_east": "东市",
    "centre": "中市",
}
HEAD = """
[network]
files = ["town.gpkg"]

[points.places]
file = "places.csv"
crs = "EPSG:4547"
id_column = "id"
city_column = "city"

[points.centre]
file = "centre.csv"
crs = "EPSG:4547"
id_column = "id"
city_column = "city"
"""
CHECK = """
[[check]]
id = "c1"
kind = "travel_time"
origins = "places"
destinations = "centre"
reach = "any"
cutoff_min = 10
share_of_origins_at_least = 1
"""


def rows(places):
    """Return the rows of a table of points."""
    lines = ["id,city,population,x,y"]
    for key, row in places.iterrows():
        at = row.geometry
        lines.append(f"{key},{CITIES.get(key, '')},{row['population']},{at.x},{at.y}")
    return "\n".join(lines) + "\n"


def lay_out(folder, network_file):
    """Put Gridville's network and places into a folder; the centre also alone."""
    (folder / "town.gpkg").write_bytes(network_file)
    places = gridville_places()
    (folder / "places.csv").write_text(rows(places), encoding="utf-8")
    (folder / "centre.csv").write_text(rows(places.loc[["centre"]]), encoding="utf-8")
