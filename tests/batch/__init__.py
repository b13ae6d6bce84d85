"""Tests of batch checks."""
