"""A push that ends early: killed between two batches, or stopped by its canary. What has landed counts all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crm_pipeline import flow
from crm_pipeline.emulator.faults import Call, CutAfter
from crm_pipeline.plan.undo import stage as undo
from crm_pipeline.push.canary import CanaryError
from crm_pipeline.push.quarantine import release
from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import H, S, look_again, push, states, title

COMPOSITE = r"/composite/?$"
ACCOUNTS = "select plan_id, planned, landed, superseded, missing, twice from push.accounting order by 1"


def interrupted(crms: Cloud, now: Callable[[], bool]) -> None:
    """A night that ends after the first batch for which `now` is true."""

    def stop(done: int, total: int) -> None:
        if now():
            raise KeyboardInterrupt

    crms.preview()
    crms.approve()
    crms.step = replace(crms.step, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        crms.push()


def test_law_25_the_accounts_of_an_interrupted_push_add_up_after_the_next_night(crms: Cloud) -> None:
    """What was on its way is found out; what was not yet sent gave way to the next plan, which has it again."""
    crms.pair({"lastname": "山田", "jobtitle": "課長"}, {"LastName": "山田", "Email": "yamada@aaa.jp"})
    crms.hubspot.create("contacts", {"lastname": "鈴木", "email": "suzuki@only-hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "takahashi@only-salesforce.example"})
    crms.faults[S].add(method="POST", path=COMPOSITE, action=CutAfter())
    interrupted(crms, lambda: bool(crms.execute("from push.outbox where state = 'unknown'")))
    ((first, planned, landed, gave_way, missing, twice),) = crms.execute(ACCOUNTS)
    assert missing
    assert (gave_way, twice) == (0, 0)

    assert set(crms.run().states) == {"landed"}
    before, after = crms.execute(ACCOUNTS)
    assert before == (first, planned, int(str(landed)) + 1, missing, 0, 0), "the one without an answer had landed"
    assert after[1:] == (missing, missing, 0, 0, 0), "and the rest is planned again"


def test_law_14_and_20_what_landed_before_an_interruption_is_decided(crms: Cloud) -> None:
    """HubSpot's clock is two hours slow: only what both CRMs held tells that the user's edit there is the newer one."""
    crms.clocks[H].advance(-7200)
    contact, lead = crms.pair({"lastname": "L"}, {"LastName": "L", "Title": "部長"})
    interrupted(crms, lambda: True)
    assert crms.hubspot.read("contacts", contact)["jobtitle"] == "部長"
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "社長"})
    crms.run()
    assert crms.salesforce.read("Lead", lead)["Title"] == "社長"
    assert crms.hubspot.read("contacts", contact)["jobtitle"] == "社長"


def test_law_14_what_landed_before_a_canary_stopped_the_push_is_decided(crms: Cloud) -> None:
    """As above; then automation in Salesforce takes back another record's value."""
    crms.clocks[H].advance(-7200)
    contact, lead = crms.pair({"lastname": "L"}, {"LastName": "L", "Title": "部長"})
    _, other = crms.pair({"lastname": "M", "jobtitle": "課長"}, {"LastName": "M"})

    def undo() -> None:
        crms.salesforce.update("Lead", other, {"Title": None}, user_id=crms.salesforce.integration_user_id)

    def arm() -> None:
        crms.faults[S].add(path=r"/query/?$", action=Call(undo))

    crms.faults[S].add(method="POST", path=COMPOSITE, action=Call(arm))
    crms.preview()
    crms.approve()
    with pytest.raises(CanaryError):
        crms.push()
    assert crms.hubspot.read("contacts", contact)["jobtitle"] == "部長"
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "社長"})
    crms.run()
    assert crms.salesforce.read("Lead", lead)["Title"] == "社長"
    assert crms.hubspot.read("contacts", contact)["jobtitle"] == "社長"


def test_law_43_an_interrupted_night_is_taken_back_and_stays_so(crms: Cloud) -> None:
    """The undo takes the place of the plan before any other night looks at it."""
    contact, _ = crms.pair({"lastname": "L"}, {"LastName": "L", "Title": "部長"})
    interrupted(crms, lambda: True)
    crms.wait(60)
    crms.runs += 1
    undone = flow.begin(crms.warehouse, crms.settings, "an undo")
    undo.run(
        crms.warehouse, crms.settings, undone, undo.Target(crms.step.run_id, f"hubspot/contacts/{contact}"), "佐藤"
    )
    crms.approve()
    crms.step = replace(crms.step, run_id=undone, progress=None)
    assert set(crms.push().states) == {"landed"}
    assert not crms.hubspot.read("contacts", contact).get("jobtitle")
    for _ in range(2):
        crms.run()
        assert not crms.hubspot.read("contacts", contact).get("jobtitle")


def test_what_a_person_released_stays_so_when_a_lost_answer_of_that_push_is_looked_at(crms: Cloud) -> None:
    crms.salesforce.add_validation_rule("Lead", [("Title", "=", "部長")], "no heads", "Title")
    contact = crms.hubspot.create("contacts", {"lastname": "L"})
    lead = crms.salesforce.create("Lead", {"LastName": "L", "Company": "C"})
    crms.faults[H].add(path=r"/batch/update$", action=CutAfter())
    push(crms, [title(H, contact, "", "課長"), title(S, lead, None, "部長")])
    with crms.warehouse.connect() as connection:
        assert [one.code for one in release(connection)] == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    look_again(crms)
    assert states(crms)[contact][0] == "landed"
    released = "select released_at is not null from state.quarantine"
    assert crms.execute(released) == [(True,)]
    push(crms, [title(S, lead, None, "部長")])
    assert crms.execute("select released_at is not null from state.quarantine") == [(False,)], (
        "a release is for one try"
    )
