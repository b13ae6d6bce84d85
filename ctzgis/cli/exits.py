"""Exit codes of commands, as their help tells them (退出码)."""

__all__ = ["exit_codes"]


def exit_codes(one: str = "") -> str:
    """Return the part of a help that tells exit codes; ``one`` is what 1 means, if any."""
    lines = [
        "exit codes:",
        "  0  done",
        *([f"  1  {one}"] if one else []),
        "  2  the command line is wrong",
        "  3  the data are wrong",
        "  4  a file could not be read or written",
        "  5  a fault of ctzgis itself",
    ]
    return "\n".join(lines)
