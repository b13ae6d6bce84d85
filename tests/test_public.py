import re
import subprocess
import sys
from pathlib import Path

import ctzgis

HEAVY = ("osmnx", "folium", "rasterio", "matplotlib", "geopandas", "scipy", "pandas")


def loaded_after(code: str) -> set[str]:
    """Return which heavy libraries a fresh interpreter has loaded after some code."""
    script = f"import sys; {code}; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import ctzgis") == set()


def test_the_help_loads_nothing_heavy():
    code = (
        "import contextlib, io; from ctzgis.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['--help'])\n"
        "import sys"
    )
    script = code + f"\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_assessing_needs_neither_osmnx_nor_folium_nor_matplotlib():
    assert loaded_after("import ctzgis; ctzgis.assess('czt')").isdisjoint(
        {"osmnx", "folium", "matplotlib", "rasterio"}
    )


def test_every_public_name_is_there_and_documented():
    for name in ctzgis.__all__:
        thing = getattr(ctzgis, name)
        assert name.startswith("__") or thing.__doc__, f"{name} has no docstring"
    assert set(ctzgis.__all__) - {"__version__"} <= set(dir(ctzgis))


def test_every_function_that_the_page_on_usage_names_is_public():
    page = (Path(__file__).parent.parent / "docs/using.md").read_text(encoding="utf-8")
    cells = [line.split("|")[2] for line in page.splitlines() if line.count("|") > 2]
    names = {name for cell in cells for name in re.findall(r"`([a-z_]+)[`(]", cell)}
    assert len(names) > 30
    assert names - {"reason", "info"} <= set(ctzgis.__all__)
