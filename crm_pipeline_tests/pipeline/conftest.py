"""A fresh pair of CRMs for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud, cloud


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(tmp_path) as here:
        yield here
