"""`make docs`: docs/tables.md anew, from the copy of an empty warehouse under the default mapping."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from crm_pipeline.config import load_settings
from crm_pipeline.golden import stage as golden
from crm_pipeline.publish import stage
from crm_pipeline.publish.comments.page import page
from crm_pipeline.warehouse import Warehouse

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"


def made(folder: Path) -> str:
    """The page as it should be. `folder`: where databases may be made."""
    settings = load_settings().model_copy(update={"published": folder / "copy.duckdb", "reports": folder})
    warehouse = Warehouse(folder / "crm.duckdb")
    golden.run(warehouse, settings, 1)
    stage.run(warehouse, settings, 1)
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return page(connection)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PAGE.write_text(made(Path(name)), encoding="utf-8")
