"""Rail networks and their stations (轨道交通)."""
