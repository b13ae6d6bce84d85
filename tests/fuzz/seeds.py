"""Whole files of every format, small ones drawn by hand and, where there are, real ones."""

from __future__ import annotations

import bz2
import gzip
import os
import random
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

X, Y = 399_000.0, 3_120_000.0  # 长沙, EPSG:4547
CLASSES = ("主干路", "次干路", "支路", "高速公路")


def street_grid(rows: int, columns: int = 4) -> gpd.GeoDataFrame:
    """Lines of a grid with Chinese attributes; names tell their rows apart."""
    rng = random.Random(rows)
    lines = [
        shapely.LineString([(X + 200 * c, Y + 150 * r), (X + 200 * c + dx, Y + 150 * r + dy)])
        for r in range(rows)
        for c in range(columns)
        for dx, dy in ((200, 0), (0, 150))
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "等级": [rng.choice(CLASSES) for _ in lines],
            "名称": [f"五一大道{n}号" if n % 3 else None for n in range(len(lines))],
            "限速": [rng.choice((40.0, 60.0, np.nan)) for _ in lines],
            "oneway": [rng.choice(("是", "否", "")) for _ in lines],
        },
        geometry=lines,
        crs=4547,
    )


def write_seeds(folder: Path) -> dict[str, list[Path]]:
    """Write the seeds of all formats; return their folders by format."""
    made: dict[str, list[Path]] = {}
    for names, write in _WRITERS:
        for number in (0, 1):
            for name in names:
                seed = folder / name.replace(":", "").replace(" ", "_") / str(number)
                seed.mkdir(parents=True)
                write(seed, number)
                made.setdefault(name, []).append(seed)
    for name, path, entry in _real_files():
        seed = folder / name.replace(" ", "_") / f"real_{path.stem}"
        seed.mkdir(parents=True)
        shutil.copyfile(path, seed / entry)
        (seed / entry).chmod(0o644)
        made[name].append(seed)
    return made


def _real_files() -> Iterator[tuple[str, Path, str]]:
    named = os.environ.get("CTZGIS_REAL_DATA")
    for name, place, entry in (
        ("osm.pbf", "andorra/andorra.osm.pbf", "r.osm.pbf"),
        ("osm", "hnu_campus/map.osm", "r.osm"),
        ("gtfs zip", "porto_alegre/poa_trensurb.zip", "g.zip"),
        ("people tif", "porto_alegre/poa_elevation.tif", "p.tif"),
        ("sums tif", "porto_alegre/poa_elevation.tif", "p.tif"),
        ("boundaries", "county_boundaries/counties_light.geojson", "b.geojson"),
    ):
        if named and (path := Path(named) / place).is_file():
            yield name, path, entry


def _degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.to_crs(4326)


def osm_xml(frame: gpd.GeoDataFrame) -> str:
    """OSM XML of lines; ends at the same place are one node."""
    ends = shapely.get_coordinates(np.asarray(_degrees(frame).geometry.array)).round(7)
    places, ref = np.unique(ends, axis=0, return_inverse=True)
    text = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<osm version='0.6' generator='x'>",
    ]
    for n, (lon, lat) in enumerate(places, start=1):
        tags = "<tag k='highway' v='traffic_signals'/>" if n % 5 == 0 else ""
        tags += "<tag k='barrier' v='gate'/>" if n % 7 == 0 else ""
        text.append(f"<node id='{n}' version='1' lat='{lat}' lon='{lon}'>{tags}</node>")
    for n, (a, b) in enumerate(ref.reshape(-1, 2), start=1000):
        kind = ("residential", "primary", "motorway", "trunk_link")[n % 4]
        text.append(
            f"<way id='{n}' version='1'><nd ref='{a + 1}'/><nd ref='{b + 1}'/>"
            f"<tag k='highway' v='{kind}'/><tag k='name' v='芙蓉路{n}'/>"
            f"<tag k='maxspeed' v='{n % 90}'/><tag k='lanes' v='2'/></way>"
        )
    return "\n".join([*text, "</osm>"])


def _osm(seed: Path, number: int) -> None:
    (seed / "r.osm").write_text(osm_xml(street_grid(3 + number)), "utf-8")


def _packed_osm(seed: Path, number: int) -> None:
    content = osm_xml(street_grid(3 + number)).encode()
    (seed / "r.osm.gz").write_bytes(gzip.compress(content, mtime=0))
    (seed / "r.osm.bz2").write_bytes(bz2.compress(content))


def _pbf(seed: Path, number: int) -> None:
    import osmium

    xml = osm_xml(street_grid(3)).encode()
    # The first is packed; blocks of the second can be broken inside.
    options = ("pbf", "pbf,pbf_compression=none,pbf_dense_nodes=false")[number]
    with osmium.SimpleWriter(
        osmium.io.File(str(seed / "r.osm.pbf"), options)
    ) as writer:
        for item in osmium.FileProcessor(osmium.io.FileBuffer(xml, "osm")):
            writer.add(item)


def _layer(name: str, rows: int = 3, **options: str) -> Callable[[Path, int], None]:
    def write(seed: Path, number: int) -> None:
        frame = street_grid(rows + number)
        if name.endswith("parquet"):
            frame.to_parquet(seed / name, compression=("snappy", None)[number])
            return
        if name.endswith(("json", "kml")):
            frame = _degrees(frame)
        frame.to_file(seed / name, **options)

    return write


def _shapefile(seed: Path, number: int) -> None:
    frame = street_grid(3 + number).rename(columns={"限速": "xiansu"})
    frame.to_file(seed / "r.shp", encoding=("UTF-8", "GB18030")[number])


def _zipped(seed: Path, number: int) -> None:
    _shapefile(seed, number)
    packed = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)[number]
    with zipfile.ZipFile(seed / "r.zip", "w", packed) as archive:
        for path in sorted(seed.glob("r.*")):
            if path.suffix != ".zip":
                archive.write(path, f"道路/{path.name}")
                path.unlink()


def _pair(seed: Path, number: int) -> None:
    frame = street_grid(3 + number)
    ends = shapely.get_coordinates(np.asarray(_degrees(frame).geometry.array)).round(7)
    places, ref = np.unique(ends, axis=0, return_inverse=True)
    nodes = ["id,lon,lat", *(f"{n},{lon},{lat}" for n, (lon, lat) in enumerate(places))]
    edges = ["u,v,等级,名称"]
    edges += [
        f'{a},{b},{CLASSES[n % 4]},"五一,{n}"'
        for n, (a, b) in enumerate(ref.reshape(-1, 2))
    ]
    (seed / "pair").mkdir()
    (seed / "pair/nodes.csv").write_text("\n".join([*nodes, ""]), "utf-8")
    (seed / "pair/edges.csv").write_text("\n".join([*edges, ""]), "utf-8")


def _written(seed: Path, number: int) -> None:
    from ctzgis import read_network, write_network

    _layer("own.gpkg")(seed, number)
    network = read_network(seed / "own.gpkg")
    (seed / "own.gpkg").unlink()
    for name in ("w.gpkg", "w.parquet"):
        write_network(network, seed / name)


def _mapped(seed: Path, number: int) -> None:
    _layer("r.geojson")(seed, number)
    (seed / "m.toml").write_text(
        'road_class = "等级"\nname_zh = "名称"\nlimit_kph = "限速"\nref = ""\n'
        '[road_class_values]\n"主干路" = "primary"\n"支路" = "tertiary"\n'
        '[oneway_values]\n"是" = 1\n"否" = 0\n',
        "utf-8",
    )


def _people(number: int) -> gpd.GeoDataFrame:
    n = 30 + 10 * number
    points = [shapely.Point(X + 37 * i, Y + 53 * (i % 11)) for i in range(n)]
    return gpd.GeoDataFrame(
        {"人口": [100 + i for i in range(n)], "名称": [f"社区{i}" for i in range(n)]},
        geometry=points,
        crs=4547,
    )


def _points(seed: Path, number: int) -> None:
    frame = _people(number)
    spots = _degrees(frame).get_coordinates().round(7)
    rows = ["名称,经度,纬度,人口"]
    rows += [
        f"{name},{lon},{lat},{people}"
        for name, lon, lat, people in zip(
            frame["名称"], spots["x"], spots["y"], frame["人口"], strict=True
        )
    ]
    encoding = ("utf-8", "gb18030")[number]
    (seed / "p.csv").write_bytes("\n".join([*rows, ""]).encode(encoding))


def _people_layer(seed: Path, number: int) -> None:
    _people(number).to_file(seed / "p.gpkg")


def _raster(name: str, kind: str) -> Callable[[Path, int], None]:
    def write(seed: Path, number: int) -> None:
        import rasterio
        from rasterio.transform import from_origin

        rng = np.random.default_rng(number)
        cells = rng.integers(1, 9, (20, 24)).astype(kind)
        options = ({"compress": "deflate"}, {})[number] if name.endswith("tif") else {}
        driver = {"tif": "GTiff", "asc": "AAIGrid"}[name.rsplit(".", 1)[1]]
        with rasterio.open(
            seed / name, "w", driver=driver, height=20, width=24, count=1, dtype=kind,
            crs="EPSG:4547", transform=from_origin(X, Y + 2000, 100, 100), nodata=0,
            **options,
        ) as file:  # fmt: skip
            file.write(cells, 1)

    return write


def _vrt(seed: Path, number: int) -> None:
    _raster("p.tif", "float32")(seed, number)
    (seed / "p.vrt").write_text(
        '<VRTDataset rasterXSize="24" rasterYSize="20"><SRS>EPSG:4547</SRS>'
        f"<GeoTransform>{X}, 100, 0, {Y + 2000}, 0, -100</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><NoDataValue>0</NoDataValue>'
        '<SimpleSource><SourceFilename relativeToVRT="1">p.tif</SourceFilename>'
        "<SourceBand>1</SourceBand>"
        '<SrcRect xOff="0" yOff="0" xSize="24" ySize="20"/>'
        '<DstRect xOff="0" yOff="0" xSize="24" ySize="20"/></SimpleSource>'
        "</VRTRasterBand></VRTDataset>",
        "utf-8",
    )


GTFS = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,东,28.2,113.0\nB,中,28.2,112.95\n"
    "C,西,28.2,112.9\n",
    "routes.txt": "route_id,route_short_name,route_type\nR,1路,3\nM,地铁,1\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nS,1,1,1,1,1,0,0,20260105,20260130\n",
    "calendar_dates.txt": "service_id,date,exception_type\nS,20260106,2\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id,shape_id\nR,S,T1,0,H\n"
    "R,S,T2,0,H\nM,S,T3,1,\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,7:00:00,7:00:00,A,1\nT1,7:10:00,7:11:00,B,2\nT1,7:20:00,7:20:00,C,3\n"
    "T2,8:00:00,8:00:00,A,1\nT2,,,B,2\nT2,8:25:00,8:25:00,C,3\n"
    "T3,25:00:00,25:00:00,C,1\nT3,25:20:00,25:20:00,A,2\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nT1,8:00:00,9:00:00,600\n",
    "shapes.txt": "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nH,28.2,113.0,1\n"
    "H,28.2,112.95,2\nH,28.2,112.9,3\n",
}


def _gtfs(seed: Path, number: int) -> None:
    packed = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)[number]
    with zipfile.ZipFile(seed / "g.zip", "w", packed) as archive:
        for name, text in GTFS.items():
            archive.writestr(zipfile.ZipInfo(name), text, packed)


def _boundaries(seed: Path, number: int) -> None:
    from ctzgis import read_plan

    counties = read_plan("gridville").counties.reset_index()
    frame = counties if number else _degrees(counties)
    _degrees(frame).to_file(seed / "b.geojson")
    frame.to_file(seed / "b.gpkg")


def _values(seed: Path, number: int) -> None:
    rows = [f"t{n:03},{n * 1.5},{2020 + n % 5},统计年鉴" for n in range(9 + number)]
    text = "\n".join(["target_id,value,year,source", *rows, ""])
    (seed / "v.csv").write_text(text, "utf-8")


def _plan(seed: Path, number: int) -> None:
    from ctzgis import read_plan, write_plan
    from ctzgis.sources.formats.files import data_folder

    plan = read_plan("gridville")
    write_plan(plan, seed / "plan.json")
    write_plan(plan, seed / "plan.gpkg")
    shutil.copytree(data_folder() / "plans" / "gridville", seed / "plan")


def _cache(seed: Path, number: int) -> None:
    """A network as the cache keeps it, with the file it was read from."""
    import hashlib

    from ctzgis import read_network
    from ctzgis.sources.formats.packing import pack_network

    # Both are the same, so that a splice of them is no whole other network.
    _layer("r.geojson")(seed, 0)
    pack_network(read_network(seed / "r.geojson").roads, seed / "n.npz")
    content = (seed / "n.npz").read_bytes()
    (seed / "n.npz").write_bytes(content + hashlib.sha256(content).digest())


_WRITERS: tuple[tuple[tuple[str, ...], Callable[[Path, int], None]], ...] = (
    (("osm.pbf",), _pbf),
    (("osm",), _osm),
    (("osm.gz", "osm.bz2"), _packed_osm),
    (("gpkg",), _layer("r.gpkg")),
    (("shp: .shp", "shp: .shx", "shp: .dbf", "shp: .prj", "shp: .cpg"), _shapefile),
    (("shp in zip",), _zipped),
    (("gdb",), _layer("r.gdb", driver="OpenFileGDB")),
    (("geojson",), _layer("r.geojson")),
    (("fgb",), _layer("r.fgb")),
    (("kml",), _layer("r.kml", driver="KML")),
    (("parquet",), _layer("r.parquet")),
    (("csv pair",), _pair),
    (("written gpkg", "written parquet"), _written),
    (("mapping toml",), _mapped),
    (("streets gpkg",), _layer("s.gpkg")),
    (("streets geojson",), _layer("s.geojson")),
    (("points csv", "people csv"), _points),
    (("people gpkg",), _people_layer),
    (("people tif", "sums tif"), _raster("p.tif", "float32")),
    (("people asc",), _raster("p.asc", "int32")),
    (("people vrt",), _vrt),
    (("classes tif",), _raster("c.tif", "uint8")),
    (("gtfs zip",), _gtfs),
    (("boundaries", "boundaries gpkg"), _boundaries),
    (("values csv",), _values),
    (("plan json", "plan gpkg", "plan yaml"), _plan),
    (("cache npz", "cache npz, hash right"), _cache),
)
