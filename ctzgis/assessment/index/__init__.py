"""An integration index of two cities and of a region, our own method (一体化指数)."""
