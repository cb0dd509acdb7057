"""A run is taken back, the next night leaves it so, and the undo is taken back; what is published says all along how
far both CRMs agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crm_pipeline import flow
from crm_pipeline.canonical import canonical
from crm_pipeline.model import System, split_record_key
from crm_pipeline.plan import undo_stage
from crm_pipeline.plan.undo_stage import Target
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

Pair = tuple[str, str]


@dataclass
class Story:
    """What was seen: phones (HubSpot, Salesforce) of the pair that stays as it was written and of the edited one, and
    (pairs that agree by field as published, as counted in both CRMs) each time."""

    phones: dict[str, tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)
    agreement: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)
    stale: list[tuple[object, ...]] = field(default_factory=list)
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
    kept = crms.pair({"email": "k@a.jp", "lastname": "木村"}, {"LastName": "木村", "Phone": "03-1111-2222"})
    edited = crms.pair({"email": "m@a.jp", "lastname": "森"}, {"LastName": "森", "Phone": "03-3333-4444"})

    def look(when: str) -> None:
        step(crms, "publish")
        story.phones[when] = phones(crms, kept), phones(crms, edited)
        story.agreement[when] = published(crms), counted(crms)

    crms.run(approved=False)
    look("held")
    crms.approve()
    crms.push()
    wrong = crms.step.run_id
    look("written")
    crms.wait(60)
    crms.hubspot.update("contacts", edited[0], {"phone": "03-9999-9999"})
    undone = undo(crms, Target(wrong))
    story.stale = crms.execute("select record_id = ?, field, code from push.outbox where state = 'stale'", [edited[0]])
    crms.run()
    story.echo = crms.execute(
        "select record_id = ?, field from plan.change where plan_id = (select max(plan_id) from plan.plan)", [edited[0]]
    )
    look("undone")
    story.reasons = crms.execute("select distinct reason from publish.drift order by all")
    undo(crms, Target(undone))
    story.open_holds = crms.execute("from state.hold where ended_at is null")
    crms.clear_logs()
    crms.run()
    story.last_writes = len(crms.writes())
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
        "select h.record_key, s.record_key from golden.link h join golden.link s using (golden_id) "
        "where h.system = 'hubspot' and s.system = 'salesforce' and h.kind = 'person'"
    )
    found: Counter[str] = Counter()
    for keys in pairs:
        for mapped in crms.settings.mapping.person.fields:
            forms = []
            for system, object_, record_id in map(split_record_key, map(str, keys)):
                store = crms.hubspot if system is System.HUBSPOT else crms.salesforce
                record = store.read(object_, record_id)
                raw = tuple(record.get(name) for name in mapped.names(object_))
                forms.append(canonical(mapped, system, raw, users=users))
            found[mapped.name] += forms[0] == forms[1]
    return found


def test_law_43_undo_leaves_no_echo_and_can_be_undone(story: Story) -> None:
    assert story.phones["written"][0] == ("03-1111-2222", "03-1111-2222")
    assert story.phones["undone"][0] == ("", "03-1111-2222")
    assert story.stale == [(True, "phone", "target_moved")], "a user's edit is left alone"
    assert story.echo == [(True, "phone")], "the edit meets its rule; what was taken back is not done again"
    assert story.phones["done again"] == (("03-1111-2222", "03-1111-2222"), ("03-3333-4444", "03-3333-4444"))
    assert story.open_holds == []
    assert story.last_writes == 0


def test_law_47_what_is_published_is_what_both_crms_hold(story: Story) -> None:
    for when, (published_, counted_) in story.agreement.items():
        assert published_ == counted_, when
    assert story.agreement["held"] != story.agreement["written"] != story.agreement["undone"]
    assert story.reasons == [("undone",)]
