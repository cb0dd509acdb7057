"""A read in a process of its own, so that a test can kill it for real. Arguments: warehouse, HubSpot's address."""

from __future__ import annotations

import sys
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, connect
from crm_pipeline.extract import stage
from crm_pipeline.warehouse import Warehouse


def main(path: str, url: str) -> None:
    settings = load_settings()
    warehouse = Warehouse(Path(path))
    crm = connect(HubSpotCredentials("demo-token", url), settings, read_only=True)
    stage.extract_object(warehouse, crm, settings, 1, "contacts")


if __name__ == "__main__":
    main(*sys.argv[1:])
