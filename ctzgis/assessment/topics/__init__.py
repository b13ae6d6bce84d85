"""Topics: what is measured beside the scorecard, if asked for (专题)."""
