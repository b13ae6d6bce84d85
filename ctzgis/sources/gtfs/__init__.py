"""Transit feeds into lines (GTFS)."""
