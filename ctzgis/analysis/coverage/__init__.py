"""What is served, covered, crossed and in conflict (覆盖与冲突)."""
