"""A push in a process of its own, so that a test can kill it for real. Argument: a JSON file that says where."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.model import System
from crm_pipeline.push import stage
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.pipeline.cloud import people_and_companies


def main(path: str) -> None:
    where = json.loads(Path(path).read_text(encoding="utf-8"))
    settings = people_and_companies(load_settings())
    salesforce = settings.salesforce.model_copy(update={"bulk_from": where["bulk_from"]})
    settings = settings.model_copy(update={"warehouse": Path(where["warehouse"]), "salesforce": salesforce})
    crms = {
        System.HUBSPOT: connect(HubSpotCredentials("demo-token", where["hubspot"]), settings),
        System.SALESFORCE: connect(SalesforceCredentials(where["salesforce"], "demo-client", "demo-secret"), settings),
    }
    stage.run(Warehouse(settings.warehouse), crms, settings, where["run_id"])


if __name__ == "__main__":
    main(sys.argv[1])
