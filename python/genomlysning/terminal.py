"""What every way to start the program needs of a terminal, before anything is installed."""

import sys
import unicodedata
from collections.abc import Sequence


def prefer_utf8() -> None:
    """Windows consoles and pipes may have an older encoding that lacks å ä ö."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def fold_names(argv: Sequence[str]) -> list[str]:
    """Write options and sub-commands in ASCII: --år and nytt-år are --ar and nytt-ar."""

    def fold(text: str) -> str:
        plain = unicodedata.normalize("NFKD", text)
        return "".join(c for c in plain if not unicodedata.combining(c))

    folded: list[str] = []
    for i, argument in enumerate(argv):
        name, equals, value = argument.partition("=")
        if argument.startswith("--"):
            folded.append(fold(name) + equals + value)
        else:
            folded.append(fold(argument) if i == 0 else argument)
    return folded
