"""The way out: tables, maps and reports a planner can hand in (成果输出)."""
