"""Laws of a run over both emulated CRMs, with the real clients (spec invariants.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.config import Settings
from crm_pipeline.emulator.faults import Call, CutAfter, Status
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import System
from crm_pipeline.push.quarantine import release
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE
HUBSPOT_WRITES = r"/batch/(update|upsert|create)$"
SALESFORCE_WRITES = r"/composite/?$"


def fill(crms: Cloud) -> tuple[str, str]:
    """One linked pair with something to write on both sides, and a lone record on each side."""
    pair = crms.pair(
        {"lastname": "山田", "firstname": "太郎", "phone": "000-111-2222", "jobtitle": "課長"},
        {"LastName": "山田", "FirstName": "太郎", "Email": "Yamada@AAA.jp", "City": "長野市", "Title": "課長"},
    )
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "suzuki@only-hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "takahashi@only-salesforce.example"})
    return pair


def sent_fields(crms: Cloud) -> dict[tuple[str, str], set[str]]:
    """(system, record id or key) -> fields in the bodies of writing requests."""
    found: dict[tuple[str, str], set[str]] = {}
    for request in crms.log[H].writing():
        for one in json.loads(request.body)["inputs"]:
            found.setdefault(("hubspot", one["id"]), set()).update(one["properties"])
    for request in crms.log[S].writing():
        for one in json.loads(request.body)["compositeRequest"]:
            if one["method"] != "GET":
                found.setdefault(("salesforce", one["url"].rsplit("/", 1)[1]), set()).update(one["body"])
    return found


def with_a_field_less(settings: Settings) -> Settings:
    """The settings, as if somebody had taken the first field of people out of the mapping."""
    mapping = settings.mapping
    person = mapping.person.model_copy(update={"fields": mapping.person.fields[1:]})
    return settings.model_copy(update={"mapping": mapping.model_copy(update={"person": person})})


def test_law_17_and_41_and_42_the_first_night(crms: Cloud) -> None:
    """A dry run only reads. Held, a plan sends nothing; approved, it is refused under another mapping, and writes what
    differs to both CRMs under its own, and never again."""
    contact, lead = fill(crms)
    writing, crms.crms = crms.crms, crms.connect(read_only=True)
    crms.preview()
    dry, crms.step = crms.step, replace(crms.step, crms=writing)
    assert crms.push().state == "held"
    assert crms.writes() == []
    assert crms.execute("select count(*) from state.base") == [(0,)]

    planned = crms.step
    crms.approve()
    crms.step = dry
    with pytest.raises(SafetyError, match="dry run"):
        crms.push()
    assert crms.execute("select (select count(*) from push.outbox) + (select count(*) from push.audit)") == [(0,)]
    crms.step = replace(planned, settings=with_a_field_less(crms.settings))
    with pytest.raises(SafetyError, match="mapping or rules changed"):
        crms.push()
    other = crms.settings.sync.model_copy(update={"edit_vs_clear": "clear_wins"})
    for changed in ({"sync": other}, {"time_zone": "Europe/Berlin"}, {"phone_region": "DE"}):
        crms.step = replace(planned, settings=crms.settings.model_copy(update=changed))
        with pytest.raises(SafetyError, match="settings that decide about values changed"):
            crms.push()
    assert crms.writes() == []

    crms.step, crms.crms = planned, writing
    assert set(crms.push().states) == {"landed"}, "the dry run kept nothing back"
    assert crms.hubspot.read("contacts", contact)["email"] == "yamada@aaa.jp"
    assert crms.hubspot.read("contacts", contact)["city"] == "長野市"
    assert crms.salesforce.read("Lead", lead)["Phone"] == "000-111-2222"
    assert len(crms.hubspot.ids("contacts")) == 3, "the lead that marketing did not know"
    names = {crms.salesforce.read("Lead", i)["LastName"] for i in crms.salesforce.ids("Lead")}
    assert names == {"山田", "高橋", "鈴木"}

    fields = sent_fields(crms)
    assert fields["hubspot", contact] == {
        *("email", "company", "hubspot_owner_id"),
        *("zip", "state", "city", "address", "country"),  # a group is one value
    }
    assert fields["salesforce", lead] == {"Phone"}

    crms.clear_logs()
    assert "applied" in crms.push().why
    assert crms.writes() == []


@pytest.mark.parametrize("skew", [-7200, 7200])
def test_law_12_and_13_an_immediate_second_run_writes_nothing(tmp_path: Path, skew: int) -> None:
    with cloud(tmp_path) as crms:
        crms.clocks[H].advance(skew)
        fill(crms)
        crms.run()
        crms.clear_logs()
        result = crms.run()
        assert crms.writes() == []
        assert result.states == {}


def test_law_16_and_22_audited_before_the_request_leaves_and_a_base_moves_only_on_acknowledgement(crms: Cloud) -> None:
    _contact, _lead = crms.pair(
        {"lastname": "A", "city": "old", "phone": "03-1111-1111"}, {"City": "new", "Phone": "", "Title": "部長"}
    )
    seen: list[list[tuple[object, ...]]] = []

    def look() -> None:
        seen.append(crms.execute("select system, field, old, rule from push.audit order by all"))
        seen.append(crms.execute("select distinct state from push.outbox"))

    crms.faults[H].add(path=HUBSPOT_WRITES, action=Call(look))
    crms.faults[H].add(path=HUBSPOT_WRITES, action=CutAfter())
    result = crms.run()
    audit, states = seen
    assert states == [("sent",)]
    assert ("hubspot", "address") in {(system, field) for system, field, _, _ in audit}
    (old,) = [old for _, field, old, _ in audit if field == "address"]
    assert json.loads(str(old))["city"] == "old"

    assert result.states["unknown"] > 0
    titled = "select record_key from state.base where field = 'job_title'"
    assert crms.execute(titled) == [], "neither the target's nor the source's"
    crms.clear_logs()
    again = crms.run()
    assert crms.writes() == [], "it had landed: found out by reading"
    assert again.states == {}
    assert len(crms.execute(titled)) == 2


def test_law_22_and_28_a_refused_write_moves_no_base_and_the_others_go_on(crms: Cloud) -> None:
    rule = [("Email", "matches", "@docomo.example$")]
    crms.salesforce.add_validation_rule("Lead", rule, "no mobile addresses", "Email")
    contact, lead = crms.pair(
        {"lastname": "L", "email": "yamada@docomo.example", "jobtitle": "部長"}, {"LastName": "L"}
    )
    _other, good = crms.pair({"lastname": "M", "jobtitle": "課長"}, {"LastName": "M"})
    result = crms.run()
    assert result.states["rejected"] >= 1
    assert crms.salesforce.read("Lead", good)["Title"] == "課長"
    assert crms.execute(
        "select count(*) from state.base where field = 'e_mail' and record_key like ?", [f"%{lead}"]
    ) == [(0,)]
    crms.clear_logs()
    assert set(crms.run().states) == {"quarantined"}
    assert crms.writes() == [], "refused for good: not sent again until something changes"
    with crms.warehouse.connect() as connection:
        assert {one.code for one in release(connection)} == {"FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    assert set(crms.run().states) == {"rejected"}, "a person let it out: tried once more"
    crms.hubspot.update("contacts", contact, {"email": "an@address.example"})
    crms.run()
    assert crms.salesforce.read("Lead", lead)["Email"] == "an@address.example"


def test_law_23_an_edit_made_after_the_plan_or_during_the_push_is_never_overwritten(crms: Cloud) -> None:
    """HubSpot is asked before a write, Salesforce refuses one over a newer record; the rest of a record goes."""
    after_plan, titled = crms.pair({"lastname": "L", "jobtitle": ""}, {"Title": "部長", "Email": "l@x.example"})
    during_push, edited = crms.pair({"lastname": "M", "jobtitle": "部長"}, {"LastName": "M"})
    _, noted = crms.pair({"lastname": "N", "jobtitle": "部長"}, {"LastName": "N"})

    def edit() -> None:
        crms.wait(5)
        crms.salesforce.update("Lead", edited, {"Title": "社長"})
        crms.salesforce.update("Lead", noted, {"Description": "a note"})

    crms.preview()
    crms.hubspot.update("contacts", after_plan, {"jobtitle": "社長"})
    crms.faults[S].add(method="POST", path=SALESFORCE_WRITES, action=Call(edit))
    crms.approve()
    crms.push()
    stale = "select record_id, field from push.outbox where state = 'stale' order by all"
    assert crms.execute(stale) == sorted([(after_plan, "job_title"), (edited, "job_title")])
    contact = crms.hubspot.read("contacts", after_plan)
    assert (contact["jobtitle"], contact["email"]) == ("社長", "l@x.example"), "another field of the same record went"
    assert crms.salesforce.read("Lead", edited)["Title"] == "社長"
    assert crms.salesforce.read("Lead", noted)["Title"] == "部長", "an edit of another field stops nothing"

    crms.run()
    assert crms.salesforce.read("Lead", titled)["Title"] == "社長", "the edit was made later: it wins"
    assert crms.hubspot.read("contacts", during_push)["jobtitle"] == "社長"


def test_law_30_edits_and_clears_travel_and_a_deleted_record_is_not_created_again(crms: Cloud) -> None:
    contact, lead = fill(crms)
    crms.run()
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "社長"})
    crms.salesforce.update("Lead", lead, {"Phone": "026-123-4567", "Email": None})
    crms.run()
    assert crms.salesforce.read("Lead", lead)["Title"] == "社長"
    assert crms.hubspot.read("contacts", contact)["phone"] == "026-123-4567"
    assert not crms.hubspot.read("contacts", contact).get("email")
    ((old,),) = crms.execute("select old from push.audit where operation = 'clear'")
    assert json.loads(str(old)) == {"email": "yamada@aaa.jp"}

    crms.wait(60)
    crms.salesforce.delete("Lead", lead)
    before = len(crms.salesforce.ids("Lead"))
    crms.run()
    crms.run()
    assert len(crms.salesforce.ids("Lead")) == before
    assert contact in crms.hubspot.ids("contacts")


def test_law_25_every_planned_operation_has_one_end_state(crms: Cloud) -> None:
    fill(crms)
    crms.pair({"lastname": "L", "email": "yamada.@docomo.example"}, {"Title": "x" * 100})
    crms.faults[S].add(method="POST", path=SALESFORCE_WRITES, action=Status(500, b""), times=1)
    crms.run()
    planned = crms.execute(
        "select op_id from plan.change where plan_id = (select max(plan_id) from plan.plan) order by 1"
    )
    ended = crms.execute("select op_id from push.outbox where state <> 'sent' order by 1")
    assert planned == ended


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_what_a_crm_fills_in_on_create_is_no_persons_choice(crms: Cloud, lost: bool) -> None:
    """Salesforce gives a new lead the integration user as owner. HubSpot's owner must not be replaced by that."""
    crms.hubspot.add_owner("integration@example.com", "Integration", "")
    contact = crms.hubspot.create("contacts", {"lastname": "鈴木", "email": "suzuki@only-hubspot.example"})
    if lost:
        crms.faults[S].add(method="POST", path=SALESFORCE_WRITES, action=CutAfter())
    crms.run()
    (lead,) = crms.salesforce.ids("Lead")
    assert crms.salesforce.read("Lead", lead)["OwnerId"] == crms.salesforce.integration_user_id
    crms.clear_logs()
    crms.run()
    assert crms.writes() == []
    assert not crms.hubspot.read("contacts", contact).get("hubspot_owner_id")


def test_the_canary_stops_a_push_whose_writes_a_crm_does_not_keep(crms: Cloud) -> None:
    """Automation in Salesforce puts the old value back, as the integration user, before the canary is read back."""
    pairs = [crms.pair({"lastname": f"L{n}", "jobtitle": "部長"}, {"LastName": f"L{n}"}) for n in range(8)]

    def undo() -> None:
        for _, lead in pairs:
            crms.salesforce.update("Lead", lead, {"Title": None}, user_id=crms.salesforce.integration_user_id)

    def arm() -> None:
        crms.faults[S].add(path=r"/query/?$", action=Call(undo))

    crms.faults[S].add(method="POST", path=SALESFORCE_WRITES, action=Call(arm))
    crms.preview()
    crms.approve()
    with pytest.raises(SafetyError, match="did not keep it"):
        crms.push()
    states = dict(crms.execute("select state, count(*) from push.outbox where object = 'Lead' group by 1"))
    assert states["not_sent"] >= 3, "the canary was five records; the rest was left alone"
