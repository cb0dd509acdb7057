"""A fresh pair of CRMs for each test of this folder that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import with_jobs


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Cloud]:
    with with_jobs(tmp_path) as here:
        yield here
