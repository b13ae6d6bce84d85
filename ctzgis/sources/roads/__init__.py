"""Road networks and street layers from whatever holds them (路网)."""
