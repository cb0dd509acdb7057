"""A canary tells a write that was swallowed from one that the CRM rewrote; archives are sent and looked for as well."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.crm.protocol import Outcome, WriteResult
from crm_pipeline.emulator.faults import Call, CutAfter
from crm_pipeline.model import Act, Kind, System, Value
from crm_pipeline.plan.operation import Operation
from crm_pipeline.push.canary import CanaryError, require_kept
from crm_pipeline.push.operation import Group, Op
from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import OBJECT, H, S, create, look_again, push, states, title

SETTINGS = load_settings()
Fields = Mapping[str, Value]


@pytest.mark.parametrize(
    ("act", "old", "new", "after", "kept"),
    [
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, {"Title": "new"}, True),
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, {"Title": "NEW!"}, True),
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, {"Title": "old"}, False),
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, {"Title": " old "}, False),
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, {}, True),
        (Act.UPDATE, {"Title": "old"}, {"Title": "new"}, None, True),
        (Act.CLEAR, {"Title": "old"}, {"Title": None}, {"Title": "old"}, False),
        (Act.CREATE, {}, {"LastName": "L", "Title": "new"}, {"LastName": "L", "Title": "new"}, True),
        (Act.CREATE, {}, {"LastName": "L", "Title": "new"}, {"LastName": "L", "Title": None}, False),
        (Act.CREATE, {}, {"LastName": "L", "Title": "new"}, {"LastName": "L"}, True),
    ],
)
def test_a_write_that_was_acknowledged_and_swallowed_stops_the_push(
    act: Act, old: Fields, new: Fields, after: Fields | None, kept: bool
) -> None:
    key, record_id = ("k", None) if act is Act.CREATE else (None, "1")
    field = "*" if act is Act.CREATE else "job_title"
    one = Group((Op("id", S, "Lead", record_id, key, act, field, old, new, "person-1", "r", "w", None, {}),))
    results = {one.token: WriteResult(one.token, Outcome.LANDED, "1")}
    observed = {one.token: after} if after is not None else {}
    if kept:
        require_kept(SETTINGS, [one], results, observed)
    else:
        with pytest.raises(CanaryError, match="did not keep it"):
            require_kept(SETTINGS, [one], results, observed)


def archive(system: System, record_id: str) -> Operation:
    return Operation(
        Kind.PERSON, system, OBJECT[system], Act.ARCHIVE, "*", {}, {}, f"person-{record_id}", "archive", "a test",
        record_id=record_id, fingerprint=record_id,
    )  # fmt: skip


def test_archives_are_sent_and_one_without_an_answer_is_looked_for(crms: Cloud) -> None:
    contacts = [crms.hubspot.create("contacts", {"lastname": f"L{n}"}) for n in range(2)]
    leads = [crms.salesforce.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(2)]
    crms.faults[S].add(path=r"/composite/?$", action=CutAfter())
    push(crms, [*(archive(H, one) for one in contacts), *(archive(S, one) for one in leads)])
    assert (crms.hubspot.ids("contacts"), crms.salesforce.ids("Lead")) == ([], [])
    assert [states(crms)[one][0] for one in (*contacts, *leads)] == ["landed", "landed", "unknown", "unknown"]
    look_again(crms)
    assert {state for state, _ in states(crms).values()} == {"landed"}


def test_an_archive_that_is_undone_at_once_stops_the_push(crms: Cloud) -> None:
    leads = [crms.salesforce.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(7)]

    def restore() -> None:
        for one in leads[:5]:
            crms.salesforce.undelete("Lead", one)

    def arm() -> None:
        crms.faults[S].add(path=r"/query/?$", action=Call(restore))

    crms.faults[S].add(path=r"/composite/?$", action=Call(arm))
    with pytest.raises(CanaryError, match="still has it"):
        push(crms, [archive(S, one) for one in leads])
    assert [states(crms)[one][0] for one in leads[5:]] == ["not_sent", "not_sent"]


def test_a_value_that_is_not_kept_later_in_a_push_is_no_base_and_stops_nothing(crms: Cloud) -> None:
    leads = [crms.salesforce.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(7)]

    def undo() -> None:
        crms.salesforce.update("Lead", leads[6], {"Title": None}, user_id=crms.salesforce.integration_user_id)

    crms.faults[S].add(path=r"/failedResults$", action=Call(undo))
    push(crms, [title(S, one, None, "部長") for one in leads])
    assert states(crms)[leads[6]] == ("rejected", "not_kept")
    assert states(crms)[leads[5]] == ("landed", "")
    based = {key for (key,) in crms.execute("select record_key from state.base")}
    assert based == {f"salesforce/Lead/{one}" for one in leads[:6]}
    assert crms.execute("select code from state.quarantine") == [("not_kept",)]


def test_a_field_that_a_new_record_lacks_has_no_base(crms: Cloud) -> None:
    def undo() -> None:
        (lead,) = crms.salesforce.ids("Lead")
        crms.salesforce.update("Lead", lead, {"Title": None}, user_id=crms.salesforce.integration_user_id)

    def arm() -> None:
        crms.faults[S].add(path=r"/query/?$", action=Call(undo))

    crms.faults[S].add(path=r"/composite/?$", action=Call(arm))
    with pytest.raises(CanaryError, match=r"Lead\.Title"):
        push(crms, [create(S, 1, {"LastName": "新", "Company": "新", "Title": "部長"})])
    fields = {field for (field,) in crms.execute("select field from state.base")}
    assert "name" in fields
    assert "job_title" not in fields
    assert len(crms.execute("from state.link")) == 1, "the record is there, and ours"
