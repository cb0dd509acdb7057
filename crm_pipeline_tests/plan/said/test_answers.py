"""A person's answer to a conflict becomes the decision, once; one that no longer fits asks again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.model import Act, Rule, System, Value
from crm_pipeline.plan import load
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Member, field_hash
from crm_pipeline.plan.said import answers
from crm_pipeline.plan.said.answers import Answer, Answers
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.plan.people import SETTINGS, T0, H, S, context, member
from crm_pipeline_tests.plan.world import World

FIELD = "job_title"


def ruled(rule: Rule, tight: tuple[str, ...] = ()) -> Settings:
    """The default settings with another rule for the job title."""
    person = SETTINGS.mapping.person
    fields = tuple(f.model_copy(update={"rule": rule, "tight": tight}) if f.name == FIELD else f for f in person.fields)
    changed = SETTINGS.mapping.model_copy(update={"person": person.model_copy(update={"fields": fields})})
    return SETTINGS.model_copy(update={"mapping": changed})


ASK = ruled(Rule.ASK)
RATCHET = ruled(Rule.RATCHET, ("no",))


def pair(hubspot: str | None, salesforce: str | None, base: str, *others: Member, at: int = 0) -> list[Member]:
    held: Mapping[str, tuple[Value, ...]] = {FIELD: (base,)}
    return [
        member(H, "contacts", {"jobtitle": hubspot}, bases=held, at=at),
        member(S, "Lead", {"Title": salesforce}, bases=held, at=at),
        *others,
    ]


def answer(side: System | None = None, value: str | None = None, seen: list[Member] | None = None) -> Answer:
    held = {m.key: (m.fields["jobtitle" if m.system is H else "Title"],) for m in seen} if seen else None
    at = T0 + timedelta(hours=1)
    return Answer("person-1", FIELD, side, None if value is None else (value,), "Sato", at, held)


def planned(settings: Settings, members: list[Member], base: str, *answers: Answer) -> EntityPlan:
    agreed = {FIELD: Agreed((base,), field_hash(settings.mapping.person.field(FIELD), settings))}
    return plan_entity("person-1", members, agreed, context(settings, answers=Answers(answers)))


def written(plan: EntityPlan) -> dict[str, Value]:
    return {str(o.record_key): next(iter(o.new.values())) for o in plan.operations if o.field == FIELD}


BOTH_EDITED = pair("h", "s", "old")


def test_without_an_answer_nothing_is_written() -> None:
    plan = planned(ASK, BOTH_EDITED, "old")
    assert written(plan) == {}
    assert [c.kind for f, c in plan.conflicts if f == FIELD] == ["ask"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(S, seen=BOTH_EDITED), {"hubspot/contacts/1": "s"}),
        (answer(H, seen=BOTH_EDITED), {"salesforce/Lead/1": "h"}),
        (answer(value="own", seen=BOTH_EDITED), {"hubspot/contacts/1": "own", "salesforce/Lead/1": "own"}),
        (answer(S), {"hubspot/contacts/1": "s"}),
    ],
)
def test_the_answer_becomes_the_decision(given: Answer, expected: dict[str, Value]) -> None:
    plan = planned(ASK, BOTH_EDITED, "old", given)
    assert written(plan) == expected
    assert not [c for f, c in plan.conflicts if f == FIELD]
    assert not plan.answered, "it counts until everything has landed"
    (move,) = [m for m in plan.moves if m.field == FIELD]
    assert move.writes == len(expected)


def test_a_deletion_is_answered_with_its_side() -> None:
    members = pair("h", None, "old")
    plan = planned(ASK, members, "old", answer(S, seen=members))
    assert [(o.operation, o.record_key) for o in plan.operations] == [(Act.CLEAR, "hubspot/contacts/1")]
    assert written(planned(ASK, members, "old", answer(H, seen=members))) == {"salesforce/Lead/1": "h"}


def test_one_side_edited_since_the_answer_is_the_newer_word() -> None:
    plan = planned(ASK, pair("later", "s", "old", at=9), "old", answer(S, seen=BOTH_EDITED))
    assert written(plan) == {"salesforce/Lead/1": "later"}


def test_both_sides_edited_since_the_answer_are_asked_again() -> None:
    plan = planned(ASK, pair("later", "too", "old", at=9), "old", answer(S, seen=BOTH_EDITED))
    assert written(plan) == {}
    assert plan.answered == [FIELD]
    assert ["asked again" in c.why for f, c in plan.conflicts if f == FIELD] == [True]


def test_an_answer_without_a_note_of_what_was_seen_is_judged_by_the_time() -> None:
    assert planned(ASK, pair("h", "s", "old", at=7200), "old", answer(S)).answered == [FIELD]


def test_an_answer_is_used_up_when_nothing_waits_any_more() -> None:
    plan = planned(ASK, pair("same", "same", "old"), "old", answer(S, seen=BOTH_EDITED))
    assert plan.answered == [FIELD]
    later = pair("old", "new", "old", at=9)
    assert written(planned(ASK, later, "old", answer(H, seen=BOTH_EDITED))) == {"hubspot/contacts/1": "new"}


def test_two_different_answers_decide_nothing_and_are_named() -> None:
    plan = planned(ASK, BOTH_EDITED, "old", answer(S, seen=BOTH_EDITED), answer(H, seen=BOTH_EDITED))
    assert written(plan) == {}
    assert not plan.answered
    assert ["several answers wait" in c.why for f, c in plan.conflicts if f == FIELD] == [True]


class TestLoosening:
    loosened = pair("maybe", "no", "no")

    def test_it_waits(self) -> None:
        plan = planned(RATCHET, self.loosened, "no")
        assert written(plan) == {}
        assert [c.kind for f, c in plan.conflicts if f == FIELD] == ["loosening"]

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (answer(H, seen=loosened), {"salesforce/Lead/1": "maybe"}),
            (answer(S, seen=loosened), {"hubspot/contacts/1": "no"}),
            (answer(value="no", seen=loosened), {"hubspot/contacts/1": "no"}),
            (answer(value="yes", seen=loosened), {"salesforce/Lead/1": "yes"}),
        ],
        ids=["confirmed", "taken back", "taken back by value", "another value"],
    )
    def test_a_person_confirms_it_or_takes_it_back(self, given: Answer, expected: dict[str, Value]) -> None:
        assert written(planned(RATCHET, self.loosened, "no", given)) == expected

    def test_it_reaches_every_record_that_still_protects(self) -> None:
        second = member(S, "Lead", {"Title": "no"}, n=2, primary=False, bases={FIELD: ("no",)})
        members = [*self.loosened, second]
        plan = planned(RATCHET, members, "no", answer(H, seen=members))
        assert written(plan) == {"salesforce/Lead/1": "maybe", "salesforce/Lead/2": "maybe"}

    def test_a_deletion_is_confirmed_as_one(self) -> None:
        members = pair(None, "no", "no")
        plan = planned(RATCHET, members, "no", answer(H, seen=members))
        assert [(o.operation, o.record_key) for o in plan.operations] == [(Act.CLEAR, "salesforce/Lead/1")]

    def test_any_edit_since_the_answer_asks_again(self) -> None:
        plan = planned(RATCHET, pair("well", "no", "no"), "no", answer(H, seen=self.loosened))
        assert written(plan) == {}
        assert plan.answered == [FIELD]


def test_an_association_that_was_changed_since_the_answer_is_the_newer_word(tmp_path: Path) -> None:
    """It is no field of the record, and still something that the person saw."""
    settings = people_and_companies(load_settings())
    person = settings.mapping.person
    fields = tuple(f.model_copy(update={"rule": Rule.ASK}) if f.name == "employer" else f for f in person.fields)
    mapping = settings.mapping.model_copy(update={"person": person.model_copy(update={"fields": fields})})
    world = World(tmp_path, settings.model_copy(update={"mapping": mapping}))
    for n in (1, 2, 3):
        world.record(f"company-{n}", H, "companies", str(n), {"name": "C"})
        world.record(f"company-{n}", S, "Account", f"A{n}", {"Name": "C"})
    world.record("person-1", H, "contacts", "1", {"lastname": "山田"})
    world.record("person-1", S, "Contact", "P1", {"LastName": "山田", "AccountId": "A2"})
    world.execute("insert into raw.watermark values ('hubspot', 'contacts/companies', now(), '', 1)")
    world.execute(
        "insert into raw.association (system, from_object, from_id, to_object, to_id, is_primary) "
        "values ('hubspot', 'contacts', '1', 'companies', '1', true)"
    )
    world.plan()
    assert world.changes() == {}, "it waits"
    with world.warehouse.connect() as connection:
        employer = world.settings.mapping.person.field("employer")
        (_, members, _) = load.chosen(connection, world.settings.mapping.person, ["person-1"])["person-1"]
        answers.give(connection, "person-1", employer, members, side=S, value=(), by="Sato", why="")
    world.plan()
    assert world.changes() == {("contacts", "employer"): '{"associations.companies": "2"}'}
    world.execute("update raw.association set to_id = '3'")
    world.plan()
    assert world.changes() == {("Contact", "employer"): '{"AccountId": "A3"}'}
