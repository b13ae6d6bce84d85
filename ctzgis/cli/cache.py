"""``ctzgis cache``: what is kept of files that were parsed, and how to be rid of it (缓存)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from ctzgis.sources.formats.cache import CacheUse

__all__ = ["add_command"]


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command and its parts to a parser's commands."""
    parser = commands.add_parser(
        "cache",
        help="缓存 · what is kept of parsed files",
        description="What is kept of parsed files; it may be deleted at any time (缓存).",
    )
    parts = parser.add_subparsers(metavar="PART", required=True)
    parts.add_parser("info", help="where it is and how large").set_defaults(run=_info)
    parts.add_parser("clear", help="delete it").set_defaults(run=_clear)


def _info(_: "argparse.Namespace") -> int:
    from ctzgis.sources.formats.cache import cache_use

    print(_told(cache_use()))
    return 0


def _clear(_: "argparse.Namespace") -> int:
    from ctzgis.sources.formats.cache import clear_cache

    print(f"deleted: {_told(clear_cache())}")
    return 0


def _told(use: "CacheUse") -> str:
    return f"{use.files} files, {use.size_bytes / 2**20:.1f} MiB, in {use.folder}"
