"""A write whose answer was lost, and a value that a CRM does not keep: found out by reading, never by sending again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.emulator.faults import CutAfter, CutBefore
from crm_pipeline.model import OpState, SourceRecord, System, Version
from crm_pipeline.push.operation import Group
from crm_pipeline.push.quarantine import release
from crm_pipeline.push.recovery.receipt import judged
from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.before.test_recheck import SETTINGS, op
from crm_pipeline_tests.push.desk import H, S, create, look_again, push, states, title

READ = datetime(2026, 1, 1, tzinfo=UTC)
US = "INTEGRATION:1"


def version(value: str, seconds: int, source: str) -> Version:
    return Version(value, READ + timedelta(seconds=seconds), source)


EDIT, OURS, BEFORE = version("theirs", 9, "CRM_UI"), version("new", 5, US), version("old", -60, US)


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ([EDIT, OURS, BEFORE], OpState.LANDED),
        ([EDIT, BEFORE], OpState.SUPERSEDED),
        ([EDIT], OpState.SUPERSEDED),
        ([EDIT] * 20, OpState.UNKNOWN),  # it does not go back that far
        ([], OpState.UNKNOWN),
    ],
)
def test_a_fields_history_tells_whether_our_write_landed(history: list[Version], state: OpState) -> None:
    kept = {"jobtitle": tuple(history)} if history else {}
    at = READ + timedelta(seconds=9)
    record = SourceRecord(H, "contacts", "1", READ, at, "", {"jobtitle": "theirs"}, kept)
    lost = op("job_title", "1", {"jobtitle": "new"})
    assert judged(Group((lost,)), record, READ, US, SETTINGS) is state


@pytest.mark.parametrize(("action", "state"), [(CutAfter(), "landed"), (CutBefore(), "superseded")])
def test_hubspots_history_is_the_receipt_when_a_user_edited_since(
    crms: Cloud, action: CutAfter | CutBefore, state: str
) -> None:
    contact = crms.hubspot.create("contacts", {"lastname": "L"})
    crms.wait(60)
    crms.faults[H].add(path=r"/batch/update$", action=action)
    push(crms, [title(H, contact, "", "部長")])
    assert states(crms)[contact][0] == "unknown"
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "社長"})
    look_again(crms)
    assert states(crms)[contact][0] == state


def test_an_unknown_create_is_read_by_its_key_and_linked(crms: Cloud) -> None:
    for system, path in ((H, r"/batch/upsert$"), (S, r"/composite/?$")):
        crms.faults[system].add(path=path, action=CutAfter())
    values = {H: {"lastname": "新"}, S: {"LastName": "新", "Company": "新"}}
    push(crms, [create(system, 1, values[system]) for system in (H, S)])
    assert crms.execute("from state.link") == []
    crms.clear_logs()
    look_again(crms)
    assert crms.writes() == []
    made = {f"hubspot/contacts/{crms.hubspot.ids('contacts')[0]}", f"salesforce/Lead/{crms.salesforce.ids('Lead')[0]}"}
    assert {key for (key,) in crms.execute("select record_key from state.link")} == made


def test_what_nobody_can_tell_is_a_conflict_and_is_not_sent_again(crms: Cloud) -> None:
    """Salesforce keeps no history that says who wrote: a user edited the record after a write without an answer."""
    lead = crms.salesforce.create("Lead", {"LastName": "L", "Company": "C"})
    crms.wait(60)
    crms.faults[S].add(path=r"/composite/?$", action=CutAfter())
    push(crms, [title(S, lead, None, "部長")])
    crms.wait(60)
    crms.salesforce.update("Lead", lead, {"Title": None})
    look_again(crms)
    assert states(crms)[lead] == ("unknown", "moved_on")
    assert crms.execute("select field, kind, winner from plan.conflict") == [("job_title", "unknown_write", "nobody")]
    crms.clear_logs()
    push(crms, [title(S, lead, None, "部長")])
    assert crms.writes() == [], "the user's blank would be overwritten with what he may have deleted"
    assert states(crms)[lead] == ("unknown", "moved_on")
    with crms.warehouse.connect() as connection:
        assert [(one.system, one.code, one.number) for one in release(connection)] == [(S, "moved_on", 1)]
    push(crms, [title(S, lead, None, "部長")])
    assert states(crms)[lead][0] == "landed"
    assert crms.execute("from state.quarantine") == [], "a release is for one try"


@pytest.mark.parametrize("system", [H, S])
def test_a_value_is_never_sent_twice_without_a_users_edit_between(crms: Cloud, system: System) -> None:
    contact = crms.hubspot.create("contacts", {"lastname": "L"})
    lead = crms.salesforce.create("Lead", {"LastName": "L", "Company": "C"})
    record, blank = (contact, "") if system is H else (lead, None)

    def edit(value: str, *, by_robot: bool) -> None:
        crms.wait(60)
        if system is H:
            source = "AUTOMATION_PLATFORM" if by_robot else "CRM_UI"
            crms.hubspot.update("contacts", contact, {"jobtitle": value}, source=source)
        else:
            user = crms.salesforce.integration_user_id if by_robot else None
            crms.salesforce.update("Lead", lead, {"Title": value or None}, **({"user_id": user} if user else {}))
        crms.wait(60)

    crms.wait(60)
    push(crms, [title(system, record, blank, "部長")])
    edit("", by_robot=True)
    crms.clear_logs()
    push(crms, [title(system, record, blank, "部長")])
    assert states(crms)[record] == ("invalid", "unstable")
    assert crms.writes() == []
    edit("課長", by_robot=False)
    push(crms, [title(system, record, "課長", "部長")])
    assert states(crms)[record] == ("landed", "")
