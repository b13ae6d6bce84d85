"""OpenStreetMap: files, extracts, downloads."""
