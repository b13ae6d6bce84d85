"""Rasters by zone, with exact parts of cells (栅格)."""
