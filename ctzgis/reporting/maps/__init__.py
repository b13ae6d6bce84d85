"""Maps: layers, frame, packing and pages of their own (地图)."""
