"""Before and after, as linked maps (前后对比)."""
