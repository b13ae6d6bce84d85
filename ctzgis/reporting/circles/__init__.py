"""Time circles of a region, as pages (时间圈)."""
