"""Before and after: scenarios and projects (前后对比)."""
