"""A run is taken back, the next night leaves it so, and the undo is taken back; what is published says all along how
far both CRMs agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from crm_pipeline import flow
from crm_pipeline.canonical import canonical
from crm_pipeline.model import System, split_record_key
from crm_pipeline.plan.undo import stage as undo_stage
from crm_pipeline.plan.undo.stage import Target
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

Pair = tuple[str, str]


@dataclass
class Story:
    """What was seen: phones (HubSpot, Salesforce) of the pair that stays as it was written and of the edited one, and
    (pairs that agree by field as published, as counted in both CRMs) each time."""

    phones: dict[str, tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)
    agreement: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)
    leads: dict[str, int] = field(default_factory=dict)
    stale: list[tuple[object, ...]] = field(default_factory=list)
    by_hand: list[tuple[object, ...]] = field(default_factory=list)
    refused: list[tuple[object, ...]] = field(default_factory=list)
    echo: list[tuple[object, ...]] = field(default_factory=list)
    reasons: list[tuple[object, ...]] = field(default_factory=list)
    open_holds: list[tuple[object, ...]] = field(default_factory=list)
    last_writes: int = -1


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with cloud(tmp_path_factory.mktemp("undo")) as crms:
        yield told(crms)


def told(crms: Cloud) -> Story:
    story = Story()
    kept = crms.pair(
        {"email": "k@a.jp", "lastname": "木村", "firstname": "健"},
        {"LastName": "木村", "FirstName": "健", "Phone": "03-1111-2222"},
    )
    edited = crms.pair(
        {"email": "m@a.jp", "lastname": "森", "firstname": "愛"},
        {"LastName": "森", "FirstName": "愛", "Phone": "03-3333-4444"},
    )

    def look(when: str) -> None:
        step(crms, "publish")
        story.phones[when] = phones(crms, kept), phones(crms, edited)
        story.agreement[when] = published(crms), counted(crms)

    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "s@only-hubspot.example"})
    touched = crms.hubspot.create(
        "contacts", {"lastname": "高橋", "firstname": "二", "email": "t@only-hubspot.example"}
    )
    crms.run()
    wrong = crms.step.run_id
    story.leads["written"] = len(crms.salesforce.ids("Lead"))
    look("written")
    crms.wait(60)
    crms.hubspot.update("contacts", edited[0], {"phone": "03-9999-9999"})
    ((owned,),) = crms.execute(
        "select record_key from state.link where golden_id = (select golden_id from golden.link where record_id = ?)",
        [touched],
    )
    crms.salesforce.update("Lead", str(owned).rsplit("/", 1)[1], {"Description": "called him"})
    undone = undo(crms, Target(wrong))
    story.stale = crms.execute(
        "select field, code from push.outbox where state = 'stale' and record_id in (?, ?) order by all",
        [edited[0], str(owned).rsplit("/", 1)[1]],
    )
    story.leads["undone"] = len(crms.salesforce.ids("Lead"))
    crms.run()
    story.echo = crms.execute(
        "select record_id = ?, field from plan.change where plan_id = (select max(plan_id) from plan.plan)", [edited[0]]
    )
    look("undone")
    story.reasons = crms.execute("select distinct reason from publish.drift order by all")
    story.by_hand = crms.execute("select 1 from push.outbox where operation = 'archive' and state = 'landed'")
    undo(crms, Target(undone))
    story.open_holds = crms.execute("from state.hold where ended_at is null")
    crms.clear_logs()
    crms.run()
    story.last_writes = len(crms.writes())
    story.leads["done again"] = len(crms.salesforce.ids("Lead"))
    story.refused = crms.execute("select problem from plan.change where operation = 'update' and field = '*'")
    look("done again")
    return story


def undo(crms: Cloud, target: Target) -> int:
    """Plan the undo, approve it if it is held, send it. Returns its run."""
    crms.runs += 1
    run_id = flow.begin(crms.warehouse, crms.settings, f"undo-{crms.runs}")
    undo_stage.run(crms.warehouse, crms.settings, run_id, target, "佐藤", "wrong mapping")
    crms.step = flow.Run(crms.warehouse, crms.settings, run_id, crms.crms)
    crms.approve()
    crms.push()
    return run_id


def step(crms: Cloud, stage: str) -> None:
    (found,) = [one for one in flow.steps(crms.settings) if one.stage == stage]
    found.do(crms.step)


def phones(crms: Cloud, pair: Pair) -> tuple[str, str]:
    contact, lead = pair
    return crms.hubspot.read("contacts", contact).get("phone") or "", crms.salesforce.read("Lead", lead)["Phone"]


def published(crms: Cloud) -> Counter[str]:
    rows = crms.execute(
        "select field, pairs from publish.agreement where reason = 'agree' and kind = 'person' "
        "and run_id = (select max(run_id) from publish.agreement)"
    )
    return Counter({str(name): int(str(pairs)) for name, pairs in rows})


def counted(crms: Cloud) -> Counter[str]:
    """The same from both CRMs themselves: each linked pair, each field, by canonical form."""
    users = {
        (System(str(system)), str(user)): str(e_mail).lower()
        for system, user, e_mail in crms.execute("select system, user_id, e_mail from raw.user")
    }
    pairs = crms.execute(
        "with member as (select golden_id, record_key from golden.link where kind = 'person' and retired is null "
        "union select golden_id, record_key from state.link) "
        "select h.record_key, s.record_key from member h join member s using (golden_id) "
        "where starts_with(h.record_key, 'hubspot/') and starts_with(s.record_key, 'salesforce/')"
    )
    live = {*crms.hubspot.ids("contacts"), *crms.salesforce.ids("Lead")}
    found: Counter[str] = Counter()
    for keys in pairs:
        objects = [split_record_key(str(key))[1] for key in keys]
        if not all(str(key).rsplit("/", 1)[1] in live for key in keys):
            continue
        for mapped in crms.settings.mapping.person.fields:
            if not all(map(mapped.has, objects)):
                continue
            forms = []
            for system, object_, record_id in map(split_record_key, map(str, keys)):
                store = crms.hubspot if system is System.HUBSPOT else crms.salesforce
                record = store.read(object_, record_id)
                raw = tuple(record.get(name) for name in mapped.names(object_))
                if raw == (mapped.default_on_create.get(object_, ()),):
                    raw = (None,)  # a stopgap stands for nothing
                forms.append(canonical(mapped, system, raw, users=users, zone=crms.settings.zone))
            found[mapped.name] += forms[0] == forms[1]
    return found


def test_law_43_undo_leaves_no_echo_and_can_be_undone(story: Story) -> None:
    assert story.phones["written"][0] == ("03-1111-2222", "03-1111-2222")
    assert story.phones["undone"][0] == ("", "03-1111-2222")
    assert story.stale == [("*", "target_moved"), ("phone", "target_moved")], "what a user edited is left alone"
    assert story.echo == [(True, "phone")], "the edit meets its rule; what was taken back is not done again"
    assert story.phones["done again"] == (("03-1111-2222", "03-1111-2222"), ("03-3333-4444", "03-3333-4444"))
    assert story.open_holds == []
    assert story.last_writes == 0


def test_the_undo_of_a_create_archives_what_nobody_touched_and_it_is_not_created_again(story: Story) -> None:
    assert story.leads["written"] == 4
    assert story.leads["undone"] == story.leads["done again"] == 3
    assert story.by_hand == [(1,)]
    assert ("an archived record is restored by hand, in the CRM's recycle bin",) in story.refused


def test_law_47_what_is_published_is_what_both_crms_hold(story: Story) -> None:
    for when, (published_, counted_) in story.agreement.items():
        assert published_ == counted_, when
    assert story.agreement["written"] != story.agreement["undone"]
    assert story.reasons == [("rewritten",), ("undone",)], "Salesforce gave the lead that we created an owner"
