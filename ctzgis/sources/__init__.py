"""The way in: files and datasets become plans, networks and frames (数据读取)."""
