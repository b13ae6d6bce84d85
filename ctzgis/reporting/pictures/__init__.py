"""Pictures: maps and charts that stand still (图件)."""
