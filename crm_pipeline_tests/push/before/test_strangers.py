"""What happens between plan and push to the records, and what people say meanwhile: the plan gives way to it."""

from __future__ import annotations

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import H, S, archive, create, plan, push, send, states, title


def contacts(crms: Cloud, number: int) -> list[str]:
    """So many contacts, each with a golden record of its own."""
    ids = [crms.hubspot.create("contacts", {"lastname": f"L{n}", "email": f"{n}@a.jp"}) for n in range(number)]
    for one in ids:
        crms.execute(
            "insert into golden.link values (?, 'person', ?, 'hubspot', 'contacts', ?, true, null, 1)",
            [f"person-{one}", f"hubspot/contacts/{one}", one],
        )
    return ids


def test_what_people_say_after_a_plan_was_made_stops_its_operations(crms: Cloud) -> None:
    rejected, pinned, other_field, answered, lifted, plain = ids = contacts(crms, 6)
    plan(crms, [title(H, one, None, "部長") for one in ids])
    crms.execute(
        "insert into state.decision values (?, 'salesforce/Lead/1', 'not_a_match', 'a', now(), '', '', '')",
        [f"hubspot/contacts/{rejected}"],
    )
    for number, (one, field, ended) in enumerate(
        [(pinned, None, False), (other_field, "phone", False), (lifted, "job_title", True)]
    ):
        crms.execute(
            "insert into state.hold (hold_id, golden_id, field, origin, held_by, held_at, why, ended_at) "
            "values (?, ?, ?, 'pinned', 'a', now(), '', case when ? then now() end)",
            [number, f"person-{one}", field, ended],
        )
    crms.execute(
        "insert into state.answer (golden_id, field, side, answered_by, answered_at, why) "
        "values (?, 'job_title', 'hubspot', 'a', now(), '')",
        [f"person-{answered}"],
    )
    send(crms)
    stopped = {one for one, end in states(crms).items() if end == ("stale", "said_since")}
    assert stopped == {rejected, pinned, answered}
    assert [crms.hubspot.read("contacts", one).get("jobtitle") for one in ids] == [
        None, None, "部長", None, "部長", "部長",
    ]  # fmt: skip
    assert plain not in stopped


def test_a_record_that_was_merged_since_the_plan_is_gone_and_its_survivor_is_not_written(crms: Cloud) -> None:
    """HubSpot takes the old id for the survivor, which holds what the plan never saw (laws 5 and 23)."""
    ours, theirs = contacts(crms, 2)
    crms.hubspot.update("contacts", theirs, {"jobtitle": "部長"})
    plan(crms, [title(H, ours, None, "課長")])
    crms.hubspot.update("contacts", theirs, {"jobtitle": ""})
    survivor = crms.hubspot.merge("contacts", theirs, ours)
    send(crms)
    assert states(crms) == {ours: ("stale", "gone")}
    assert not crms.hubspot.read("contacts", survivor).get("jobtitle")


@pytest.mark.parametrize("system", [H, S])
def test_a_key_on_a_record_that_this_database_did_not_make_is_another_customers(crms: Cloud, system: object) -> None:
    """After the loss of a warehouse its golden ids begin again at 1."""
    if system is H:
        crms.hubspot.create("contacts", {"lastname": "L", "crm_pipeline_key": "person-7/contacts/1"})
        operation = create(H, 7, {"lastname": "鈴木", "email": "s@a.jp"})
    else:
        crms.salesforce.create("Lead", {"LastName": "L", "Company": "C", "CRM_Pipeline_Key__c": "person-7/Lead/1"})
        operation = create(S, 7, {"LastName": "鈴木", "Company": "C"})
    push(crms, [operation])
    assert states(crms) == {str(operation.create_key): ("stale", "key_taken")}
    assert crms.execute("from state.link") == []
    assert crms.execute("from state.base") == []


def test_a_record_to_which_something_belongs_by_now_is_not_archived(crms: Cloud) -> None:
    """An archive waits for approval, up to a day; Salesforce deletes a record's tasks with it."""
    free, busy = (crms.salesforce.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(2))
    spare, used = contacts(crms, 2)
    operations = [archive(S, one) for one in (free, busy)] + [archive(H, one) for one in (spare, used)]
    plan(crms, operations)
    crms.salesforce.create("Task", {"Subject": "call him", "WhoId": busy})
    deal = crms.hubspot.create("deals", {"dealname": "D", "pipeline": "default", "dealstage": "qualifiedtobuy"})
    crms.hubspot.associate("deals", deal, "contacts", used, 3)
    send(crms)
    assert states(crms) == {
        free: ("landed", ""),
        busy: ("stale", "in_use"),
        spare: ("landed", ""),
        used: ("stale", "in_use"),
    }
    assert crms.salesforce.ids("Lead") == [busy]
    assert crms.hubspot.ids("contacts") == [used]


def test_a_lead_that_was_converted_since_the_plan_is_gone_and_its_contact_is_not_written(crms: Cloud) -> None:
    lead = crms.salesforce.create("Lead", {"LastName": "L", "Company": "C"})
    plan(crms, [title(S, lead, None, "課長")])
    crms.salesforce.convert_lead(lead)
    send(crms)
    assert states(crms) == {lead: ("stale", "gone")}
    (contact,) = crms.salesforce.ids("Contact")
    assert not crms.salesforce.read("Contact", contact).get("Title")
