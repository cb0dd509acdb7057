"""Who may read the files that hold personal data: their owner only, whatever the umask says.

Belongs here: modes of files that DuckDB makes. Not here: files that we open ourselves (config/private.py).
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

#: For `os.umask` where a program begins: DuckDB's log and what it puts on disk while it works are files of their own.
UMASK = 0o077
_OWNER_ONLY = 0o600


def keep_private(path: Path) -> None:
    """Take a file away from everybody but its owner. One that belongs to somebody else stays as it is."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & UMASK:
            path.chmod(mode & ~UMASK)


def take_over(new: Path, old: Path) -> None:
    """Give a file the mode of the one that it is going to replace, so that a person's `chmod` stays; at first it is
    for its owner only."""
    try:
        mode = stat.S_IMODE(old.stat().st_mode)
    except FileNotFoundError:
        mode = _OWNER_ONLY
    new.chmod(mode)


def exposed(path: Path, *, to_writing: bool = False) -> str:
    """What to do about a file that everybody on this machine may read, or that others may change; empty if none may."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if to_writing and mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{path} can be changed by others, who decide then what is written; run: chmod go-w {path}"
    if not to_writing and mode & stat.S_IROTH:
        return f"{path} holds personal data and can be read by everybody on this machine; run: chmod o-rwx {path}"
    return ""
