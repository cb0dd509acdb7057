"""Settings of the whole suite."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from crm_pipeline_tests.prepared import tables_copied

# `make test` tries the same examples every time, so that a change fails for what it changed; `make laws` looks for new
# ones. How long an example takes says something about the machine, not about the law.
settings.register_profile("laws", deadline=None, derandomize="CRM_PIPELINE_NEW_EXAMPLES" not in os.environ)
settings.load_profile("laws")

# A suite of thousands of tests holds much that stays: looking through it all again and again is a tenth of its time.
gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New databases begin as a copy, except in the tests of the warehouse."""
    with tables_copied(tmp_path_factory.mktemp("tables") / "tables.duckdb"):
        yield
