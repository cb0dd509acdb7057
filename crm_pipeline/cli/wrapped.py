"""Long sentences on a terminal, under each other.

Belongs here: cutting lines by the columns that characters take. Not here: the sentences.
"""

from __future__ import annotations

import shutil
import sys

_NARROWEST = 40


def wrapped(text: str, indent: int) -> str:
    """The text in lines that fit beside `indent` columns; as it is where no person reads it (a pipe, a file)."""
    if not sys.stdout.isatty():
        return text
    from rich.console import Console
    from rich.text import Text

    width = max(_NARROWEST, shutil.get_terminal_size().columns - indent - 1)
    lines = Text(text).wrap(Console(), width)
    return ("\n" + " " * indent).join(line.plain.rstrip() for line in lines)
