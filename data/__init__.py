"""The data that ship with the library: the package ``ctzgis._data`` of a wheel."""
