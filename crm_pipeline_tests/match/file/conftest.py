import duckdb
import pytest

from crm_pipeline.warehouse.connection import configured


@pytest.fixture
def connection():
    with configured(duckdb.connect()) as opened:
        yield opened
