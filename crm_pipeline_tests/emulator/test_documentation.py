"""docs/emulators.md names every endpoint and every operation there is, and says of each how well it is emulated."""

import inspect
import re
from pathlib import Path

import pytest
from starlette.routing import Route

from crm_pipeline.emulator.control import Control
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot import create_app as hubspot_app
from crm_pipeline.emulator.hubspot.control import HubSpotControl
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.app import ROUTER
from crm_pipeline.emulator.salesforce.control import SalesforceControl

TEXT = (Path(__file__).parents[2] / "docs" / "emulators.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z, ]+)` \| `([^`]+)` \| (faithful|partial) \| ([^|]*) \| ([^|]*) \|$", TEXT, re.MULTILINE)


def _documented(start: str) -> set[tuple[str, str]]:
    section = TEXT[TEXT.index(f"### {start}") :].split("\n### ")[0]
    rows = re.findall(r"^\| `([A-Z, ]+)` \| `([^`]+)` \|", section, re.MULTILINE)
    return {(method, path) for methods, path in rows for method in methods.split(", ")}


def test_every_endpoint_of_hubspot_is_named() -> None:
    routes = [route for route in hubspot_app(HubSpotStore()).routes if isinstance(route, Route)]
    served = {(method, route.path) for route in routes for method in route.methods or () if method != "HEAD"}

    assert _documented("HubSpot") == served


def test_every_endpoint_of_salesforce_is_named() -> None:
    below_the_version = {(method, path) for method, path in _documented("Salesforce") if path[0] != "/" or path == "/"}

    assert below_the_version == {(method, path or "/") for method, path in ROUTER.endpoints}


def test_every_endpoint_says_how_well_and_from_where() -> None:
    assert len(ROWS) == len(re.findall(r"^\| `[A-Z, ]+` \| `", TEXT, re.MULTILINE))
    assert [path for _, path, _, note, source in ROWS if not source.strip()] == []
    assert [path for _, path, state, note, _ in ROWS if state == "partial" and not note.strip()] == []


@pytest.mark.parametrize(
    "control",
    [
        HubSpotControl(HubSpotStore(), RequestLog(), Faults()),
        SalesforceControl(SalesforceStore(), RequestLog(), Faults()),
    ],
    ids=["HubSpot", "Salesforce"],
)
def test_every_operation_is_named_and_says_what_it_does(control: Control) -> None:
    for name, method in control.operations().items():
        assert f"`{name}`" in TEXT, name
        assert inspect.getdoc(method), name
