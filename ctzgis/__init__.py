from ctzgis.sources.plans import read_plan
