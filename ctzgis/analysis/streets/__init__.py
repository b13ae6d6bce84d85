"""Streets: density, carriageways, built-up area (道路密度)."""
