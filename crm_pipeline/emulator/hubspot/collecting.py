"""Keeping Python's garbage collector away from a million records that stay for good."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 100_000  # new objects from which on it pays to freeze them


@contextmanager
def without_collections() -> Iterator[None]:
    """Build many lasting objects: no collection while the block runs, and none looks at them later."""
    enabled, before = gc.isenabled(), gc.get_count()[0]
    gc.disable()
    try:
        yield
        if gc.get_count()[0] - before > _MANY:
            gc.freeze()
    finally:
        if enabled:
            gc.enable()
