"""The command line: parses, calls, prints, exits (命令行)."""

import os
import sys
from typing import TYPE_CHECKING

from ctzgis._version import __version__
from ctzgis.cli import (
    access,
    assess,
    cache,
    check,
    circles,
    compare,
    critical_roads,
    data,
    index,
    links,
    network,
    plan,
    projects,
)
from ctzgis.cli.exits import Parser
from ctzgis.cli.table import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: "Sequence[str] | None" = None) -> int:
    """
    Run a command and return its exit code.

    Parameters
    ----------
    arguments
        Words of the command line; those of the process if not given.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark instead.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from ctzgis.errors import CtzgisError

    try:
        return int(options.run(options))
    except CtzgisError as error:
        print(f"ctzgis: {type(error).__name__}: {one_line(error)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("ctzgis: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of the output, e.g. head, has seen enough.
        sys.stderr.close()
        return 0
    except Exception as error:
        if os.environ.get("CTZGIS_DEBUG"):
            raise
        print(
            f"ctzgis: a fault of ctzgis itself: {type(error).__name__}: "
            f"{one_line(error)}; run it with CTZGIS_DEBUG=1 to see where",
            file=sys.stderr,
        )
        return 5


def _parser() -> Parser:
    parser = Parser(
        prog="ctzgis",
        description="Check a regional spatial plan against the ground (区域空间规划评估).",
        epilog="begin with: ctzgis assess --lang en --out out   "
        "(each command tells more: ctzgis COMMAND --help)",
    )
    parser.add_argument("--version", action="version", version=f"ctzgis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    assess.add_command(commands)
    check.add_command(commands)
    access.add_commands(commands)
    circles.add_command(commands)
    compare.add_command(commands)
    projects.add_command(commands)
    index.add_command(commands)
    links.add_command(commands)
    critical_roads.add_command(commands)
    plan.add_command(commands)
    network.add_command(commands)
    data.add_command(commands)
    cache.add_command(commands)
    return parser
