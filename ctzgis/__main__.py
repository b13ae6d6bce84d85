"""Run the command line as ``python -m ctzgis``."""

from ctzgis.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
