"""Scenario cards: projects and their edits, read and written (情景卡片)."""
