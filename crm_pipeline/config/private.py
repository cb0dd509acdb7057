"""Files that a command writes for one person's eyes: names and addresses may be in them.

Belongs here: opening such a file. Not here: what is written into it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from crm_pipeline.errors import ConfigError

_OWNER_ONLY = 0o600


@contextmanager
def opened(path: Path, *, table: bool = False) -> Iterator[TextIO]:
    """The file, empty, which nobody else may read, be it new or not. `table`: CSV, with the mark by which Excel knows
    UTF-8. Folders that are missing are made. Raises ConfigError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(
            path,
            "w",
            encoding="utf-8-sig" if table else "utf-8",
            newline="" if table else None,
            opener=lambda name, flags: os.open(name, flags, _OWNER_ONLY),
        ) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                os.fchmod(file.fileno(), _OWNER_ONLY)  # of one that was there before
            yield file
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; name another file") from error
