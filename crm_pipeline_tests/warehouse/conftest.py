"""Here every database is made from its SQL."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.prepared import AS_IT_IS


@pytest.fixture(autouse=True)
def _tables_from_their_sql() -> Iterator[None]:
    with mock.patch.object(Warehouse, "_open", AS_IT_IS):
        yield
