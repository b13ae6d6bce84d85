"""Reports: what they say, and each form they are written in (报告)."""
