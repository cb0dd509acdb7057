"""A push in a process of its own, so that a test can kill it for real. Argument: a file of `Where`, pickled."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.model import System
from crm_pipeline.push import stage
from crm_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Where:
    """What a push has to know: the settings, with the warehouse in them, where the CRMs answer, and its run."""

    settings: Settings
    urls: Mapping[System, str]
    run_id: int


def main(path: str) -> None:
    where: Where = pickle.loads(Path(path).read_bytes())
    crms = {
        System.HUBSPOT: connect(HubSpotCredentials("demo-token", where.urls[System.HUBSPOT]), where.settings),
        System.SALESFORCE: connect(
            SalesforceCredentials(where.urls[System.SALESFORCE], "demo-client", "demo-secret"), where.settings
        ),
    }
    stage.run(Warehouse(where.settings.warehouse), crms, where.settings, where.run_id)


if __name__ == "__main__":
    main(sys.argv[1])
