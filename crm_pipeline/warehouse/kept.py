"""Copies of a database as it was before an upgrade, kept beside it for going back to the older program.

Belongs here: making one, and removing those that are too many. Not here: when an upgrade happens (migrations.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from crm_pipeline.errors import WarehouseError

#: So many copies of a database stay; the oldest go.
KEPT = 2
_NAME = re.compile(r"\.version-\d+\.\d{8}T\d{6}Z")
_OWNER_ONLY = 0o600
#: Another process copies: a file that is opened and closed beside DuckDB's would let go of the lock that keeps others
#: out. The mode comes first: nobody else may read what is in it.
_COPY = (
    "import os, sys, shutil\n"
    "source, copy = sys.argv[1:]\n"
    "with open(source, 'rb') as old, open(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as new:\n"
    "    shutil.copyfileobj(old, new, 1 << 20)\n"
    "    new.flush()\n"
    "    os.fsync(new.fileno())\n"
)


def copies(path: Path) -> list[Path]:
    """Those that are kept of the database at `path`, the oldest first; also the copies of earlier programs, which had
    no time in their name. What is erased from the database is still in them."""
    found = [one for one in path.parent.glob(f"{path.name}.version-*") if not one.name.endswith((".part", ".tmp"))]
    return sorted(found, key=lambda one: one.stat().st_mtime)


def require_space(path: Path, version: int) -> None:
    """Raises WarehouseError if the disk has no room for a copy and for the upgrade of a database of this version."""
    needed = 2 * sum(one.stat().st_size for one in (path, path.with_name(f"{path.name}.wal")) if one.exists())
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise WarehouseError(
            f"the disk with {path} has {_megabytes(free)} free, and upgrading the database (tables version {version}) "
            f"needs {_megabytes(needed)}, half of it for a copy of it as it is; free some space and run again: "
            "nothing was changed"
        )


def keep(path: Path, version: int) -> Path:
    """Copy the database at `path`, whose log is empty, and return the copy; older ones go. Raises WarehouseError."""
    at = datetime.now(UTC)
    copy = path.with_name(f"{path.name}.version-{version}.{at:%Y%m%dT%H%M%SZ}")
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)  # of a copy that was interrupted in this very second
    try:
        command = [sys.executable, "-I", "-c", _COPY, str(path), str(part)]
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
        os.replace(part, copy)
    except (subprocess.CalledProcessError, OSError) as error:
        part.unlink(missing_ok=True)
        said = error.stderr.strip().rpartition("\n")[2] if isinstance(error, subprocess.CalledProcessError) else error
        raise WarehouseError(
            f"{copy}, the copy of the database before it is upgraded, cannot be written ({said}); free some space or "
            "allow writing there, then run again: nothing was changed"
        ) from None
    for old in path.parent.glob(f"{path.name}.version-*.part"):
        old.unlink(missing_ok=True)
    # the new one stays even if the clock has gone back since the others were made
    others = [one for one in copies(path) if one != copy and _NAME.search(one.name)]
    for old in others[: len(others) - (KEPT - 1)]:
        old.unlink(missing_ok=True)
    return copy


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
