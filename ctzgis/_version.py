"""Version of the package; imports nothing, so that building needs nothing."""

__version__ = "0.1.0"
