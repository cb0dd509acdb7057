"""Relations written to both emulated CRMs, operation by operation, without a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.emulator.faults import CutAfter, CutBefore, Status
from crm_pipeline.model import Act, Value
from crm_pipeline.push.before.own_writes import OwnWrites
from crm_pipeline.push.before.rereading import Rereading
from crm_pipeline.push.canary import CanaryError
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers
from crm_pipeline.push.recovery.recover import recover
from crm_pipeline.push.relations.relating import Relating
from crm_pipeline_tests.pipeline.cloud import Cloud, H, S, cloud

COMPANY, PEOPLE = "associations.companies", "OpportunityContactRoles.ContactId"


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder: Path = tmp_path_factory.mktemp("relating")
    with cloud(folder) as both:
        yield both


def related(crms: Cloud, contact: str) -> set[str]:
    return set(crms.hubspot.associations.of("contacts", contact, "companies"))


class Person:
    """A HubSpot contact with a Salesforce contact whose account is to become the contact's main company."""

    def __init__(self, crms: Cloud) -> None:
        self.crms = crms
        self.account = crms.salesforce.create("Account", {"Name": "A"})
        self.sales = crms.salesforce.create("Contact", {"LastName": "B", "AccountId": self.account})
        self.contact = crms.hubspot.create("contacts", {"lastname": "B"})
        self.old, self.new = (crms.hubspot.create("companies", {"name": name}) for name in ("old", "new"))

    def op(self, old: Value, new: Value) -> Op:
        act = Act.ASSOCIATE if new else Act.CLEAR
        source = {"AccountId": self.account}
        return op(
            self.contact, "employer", {COMPANY: old}, {COMPANY: new}, f"salesforce/Contact/{self.sales}", source, act
        )


def op(
    contact: str,
    field: str,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    source_key: str,
    source: Mapping[str, Value],
    act: Act,
) -> Op:
    op_id = f"{contact} {field} {list(new.values())}"
    return Op(op_id, H, "contacts", contact, None, act, field, old, new, "person-1", "r", "", source_key, source)


def send(crms: Cloud, *ops: Op) -> list[tuple[object, ...]]:
    Relating(crms.warehouse, crms.crms, crms.settings, 1, 1).send([Group((one,)) for one in ops])
    return [end(crms, one) for one in ops]


def end(crms: Cloud, one: Op) -> tuple[object, ...]:
    (row,) = crms.execute("select state, coalesce(code, '') from push.outbox where op_id = ?", [one.op_id])
    return row


def base(crms: Cloud, one: Op) -> list[tuple[object, ...]]:
    return crms.execute(
        "select value from state.base where record_key = ? and field = 'employer'",
        [f"hubspot/contacts/{one.record_id}"],
    )


def test_a_main_company_is_set_and_the_old_one_stays_related(crms: Cloud) -> None:
    person = Person(crms)
    crms.hubspot.associate("contacts", person.contact, "companies", person.old, 1)
    wanted = person.op(person.old, person.new)
    assert send(crms, wanted) == [("landed", "")]
    assert crms.hubspot.associations.primary("contacts", person.contact) == person.new
    assert related(crms, person.contact) == {person.old, person.new}
    assert base(crms, wanted) == [(f'["{person.new}"]',)]
    (audit,) = crms.execute("select old from push.audit where op_id = ?", [wanted.op_id])
    assert person.old in str(audit[0]), "law 16"
    crms.clear_logs()
    assert send(crms, person.op(None, person.new)) == [("landed", "")]
    assert crms.writes() == [], "what is so already is not sent"


def test_a_main_company_is_taken_off(crms: Cloud) -> None:
    person = Person(crms)
    crms.hubspot.associate("contacts", person.contact, "companies", person.old, 1)
    assert send(crms, person.op(person.old, "")) == [("landed", "")]
    assert related(crms, person.contact) == set()


def test_law_23_what_somebody_changed_meanwhile_is_left_alone(crms: Cloud) -> None:
    person, moved = Person(crms), Person(crms)
    crms.hubspot.associate("contacts", person.contact, "companies", person.old, 1)
    crms.salesforce.update("Contact", moved.sales, {"AccountId": person.account})
    both = person.op(None, person.new), moved.op(None, moved.new)
    assert send(crms, *both) == [("stale", "target_moved"), ("stale", "source_moved")]
    assert related(crms, person.contact) == {person.old}
    assert related(crms, moved.contact) == set()
    assert base(crms, both[0]) == []


@pytest.mark.parametrize("moved", [False, True])
def test_law_23_a_look_up_is_written_while_the_relation_that_it_comes_from_is_as_planned(
    crms: Cloud, moved: bool
) -> None:
    """A contact's main company in HubSpot is to become its account in Salesforce: a relation is no field to read."""
    person = Person(crms)
    crms.hubspot.associate("contacts", person.contact, "companies", person.new, 1)
    old, new, source = {"AccountId": None}, {"AccountId": person.account}, {COMPANY: person.new}
    wanted = op(person.sales, "employer", old, new, f"hubspot/contacts/{person.contact}", source, Act.UPDATE)
    group = Group((replace(wanted, system=S, object="Contact"),))
    if moved:
        crms.hubspot.associate("contacts", person.contact, "companies", person.old, 1)
    own = OwnWrites(crms.warehouse, crms.settings, 1)
    rereading, answers = Rereading(crms.crms, crms.settings, {}, own), Answers(crms.settings, 1, 1)
    crms.salesforce.update("Contact", person.sales, {"AccountId": None})
    left = rereading.valid([group], rereading.current([group]), rereading.sources([group]), answers)
    assert left == ([] if moved else [group])


def test_a_relation_that_is_acknowledged_and_not_kept_stops_the_push(crms: Cloud) -> None:
    person = Person(crms)
    swallowed = Status(201, {"status": "COMPLETE", "results": []})
    crms.faults[H].add(path="/batch/create", action=swallowed, times=1)
    with pytest.raises(CanaryError, match="did not keep it"):
        Relating(crms.warehouse, crms.crms, crms.settings, 1, 1).send(
            [Group((person.op(None, person.new),))], canary=True
        )


def test_one_that_is_refused_leaves_the_others(crms: Cloud) -> None:
    person, other = Person(crms), Person(crms)
    assert send(crms, person.op(None, "99999999"), other.op(None, other.new)) == [
        ("rejected", "VALIDATION_ERROR"),
        ("landed", ""),
    ]


@pytest.mark.parametrize(
    ("fault", "ending"), [(CutAfter(), ("landed", "")), (CutBefore(), ("superseded", "not_landed"))]
)
def test_a_lost_answer_is_resolved_by_reading(
    crms: Cloud, fault: CutAfter | CutBefore, ending: tuple[str, str]
) -> None:
    person = Person(crms)
    crms.faults[H].add(path="/batch/create", action=fault, times=1)
    wanted = person.op(None, person.new)
    assert send(crms, wanted)[0][0] == "unknown"
    crms.clear_logs()
    recover(crms.warehouse, crms.crms, crms.settings, 2)
    assert end(crms, wanted) == ending
    assert crms.writes() == []


def test_a_lost_answer_that_somebody_wrote_over_stays_unknown(crms: Cloud) -> None:
    person = Person(crms)
    crms.faults[H].add(path="/batch/create", action=CutAfter(), times=1)
    wanted = person.op(None, person.new)
    send(crms, wanted)
    crms.hubspot.associate("contacts", person.contact, "companies", person.old, 1)
    recover(crms.warehouse, crms.crms, crms.settings, 2)
    assert end(crms, wanted) == ("unknown", "moved_on")
