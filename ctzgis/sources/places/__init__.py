"""Where things are: coordinates, points, people, boundaries (位置)."""
