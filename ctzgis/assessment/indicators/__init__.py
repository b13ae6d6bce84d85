"""Indicators: what measures a target, one family a module (指标)."""
