"""Keeping Python's garbage collector away from a million records that stay for good."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 100_000  # new objects from which on it pays to freeze them
_THRESHOLDS = (50_000, 50, 100)
"""Of the collector, once there are many records: results and indexes are lists of a million rows, and looking through
them took as long as answering a page."""


@contextmanager
def without_collections() -> Iterator[None]:
    """Build many lasting objects: no collection while the block runs, and none looks at them later.

    Records hold no cycles, so nothing is lost by it. Inside another such block it does nothing of its own.
    """
    if not gc.isenabled():
        yield
        return
    before = gc.get_count()[0]
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] - before > _MANY:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_THRESHOLDS)
        gc.enable()
