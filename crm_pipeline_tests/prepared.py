"""What a test need not do anew: the tables of a new database are a copy of a file, and a file may stay open a while.

Belongs here: savings of CPU that leave what is tested as it is. The tests of the warehouse itself do without them. Not
here: what tests put into a database.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.instance import Opened

#: How a warehouse opens its file when nothing is spared.
AS_IT_IS = Warehouse._open


@contextmanager
def tables_copied(template: Path) -> Iterator[None]:
    """While the block runs, a database that is opened for the first time begins as a copy of `template`, which is made.

    Making a hundred tables from SQL costs ten times what the copy costs.
    """
    with Warehouse(template).connect():
        pass

    def opened(self: Warehouse, *, read_only: bool) -> Any:
        if not read_only and not self.path.exists() and self.path.parent.is_dir():
            _copy(template, self.path)
        return AS_IT_IS(self, read_only=read_only)

    with mock.patch.object(Warehouse, "_open", opened):
        yield


def _copy(template: Path, place: Path) -> None:
    """Whole or not at all, and only once: threads may open a new file at the same time."""
    part = place.with_name(f"{place.name}.{uuid.uuid4().hex}")
    try:
        shutil.copyfile(template, part)
        os.link(part, place)
    except OSError:
        pass  # another thread was faster, or nothing can be written there: opening says so
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """The file stays attached while the block runs: its steps share what each of them would open and close."""
    file = Opened(path, read_only=False)
    try:
        yield
    finally:
        file.close(well=True)
