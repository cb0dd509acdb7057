"""The same value is not sent twice without a person's edit between, of a group neither."""

from __future__ import annotations

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import H, push, states, update

STREET = {"zip": "100", "state": "東京都", "city": "港区", "address": "1", "country": ""}


@pytest.mark.parametrize(
    ("source", "end"), [("AUTOMATION_PLATFORM", ("invalid", "unstable")), ("CRM_UI", ("landed", ""))]
)
def test_a_group_that_automation_undoes_is_sent_once(crms: Cloud, source: str, end: tuple[str, str]) -> None:
    """A group is written whole. Who typed the parts that stay as they are, says nothing about the one that changes."""
    contact = crms.hubspot.create("contacts", {"lastname": "L", **STREET})
    operation = update(H, contact, "address", STREET, STREET | {"address": "2"})
    push(crms, [operation])
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"address": "1"}, source=source)
    push(crms, [operation])
    assert states(crms)[contact] == end
