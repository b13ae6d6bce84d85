"""Readers against hostile input: ``python -m tests.fuzz --count 10000 --seed 0``."""
