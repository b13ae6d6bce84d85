"""Trips and reach over a network (出行与可达)."""
