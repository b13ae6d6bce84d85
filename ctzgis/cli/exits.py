"""How commands are parsed and their help is set, and exit codes (帮助与退出码)."""

import argparse
import re
import sys
from typing import Final, NoReturn

__all__ = ["HelpFormatter", "Parser", "exit_codes"]

_WRONG_LINE: Final = 2
_CHOICE: Final = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)$")


class Parser(argparse.ArgumentParser):
    """Tell what is wrong with a command line in two lines, not below all options."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, what may have been meant and where help is; exit."""
        if message.endswith("required: COMMAND"):
            self.print_help(sys.stderr)
            self.exit(_WRONG_LINE)
        near = _nearest(message)
        meant = f"; did you mean '{near}'?" if near else ""
        help_line = f"see `{self.prog} --help`"
        self.exit(_WRONG_LINE, f"{self.prog}: error: {message}{meant}\n{help_line}\n")


def _nearest(message: str) -> str:
    """Return the choice that is nearest to a wrong one, or nothing."""
    from difflib import get_close_matches

    found = _CHOICE.search(message)
    if found is None:
        return ""
    known = [name.strip(" '") for name in found[2].split(",")]
    return next(iter(get_close_matches(found[1], known, n=1)), "")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Set texts that have lines as they are, and fill others."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)


def exit_codes(one: str = "", *, example: str = "") -> str:
    """
    Return what stands below the options of a help: an example, and the exit codes.

    ``one`` is what 1 means, if any.
    """
    lines = [
        *(["example:", f"  {example}", ""] if example else []),
        "exit codes:",
        "  0  done",
        *([f"  1  {one}"] if one else []),
        "  2  the command line is wrong",
        "  3  the data are wrong",
        "  4  a file could not be read or written",
        "  5  a fault of ctzgis itself",
    ]
    return "\n".join(lines)
