"""Plans as data: folders, files, values (规划数据)."""
