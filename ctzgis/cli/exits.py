"""How the help of commands is set, and exit codes as it tells them (帮助与退出码)."""

import argparse

__all__ = ["HelpFormatter", "exit_codes"]


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Set texts that have lines as they are, and fill others."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)


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
