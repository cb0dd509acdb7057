"""Laws of the storage: an index finds what a scan finds, roll-back restores everything, an import is a creation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce import SalesforceStore, soql
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.soql.fields import Data

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_KEYS = ["k1", "K1", "k2", "k3", None]
_MAILS = ["a@example.com", "A@Example.com", "b@example.com", None]
_OPERATIONS = [
    "create",
    "update",
    "delete",
    "undelete",
    "purge",
    "merge",
    "touch",
    "account",
    "delete account",
    "pause",
]

Step = tuple[str, int, str | None, str | None]
_STEPS = st.lists(
    st.tuples(st.sampled_from(_OPERATIONS), st.integers(0, 7), st.sampled_from(_KEYS), st.sampled_from(_MAILS)),
    max_size=25,
)


class _UndoneError(Exception):
    """Raised at the end of a transaction."""


class Organisation:
    """Contacts of accounts to which anything happens; what the platform refuses is refused."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.set(NOON)
        self.store = SalesforceStore(self.clock)
        self.store.define_field("Contact", {"name": "Key__c", "length": 20, "externalId": True, "unique": True})
        self.contacts: list[str] = []
        self.accounts: list[str] = []

    def do(self, step: Step) -> None:
        operation, number, key, mail = step
        doing: dict[str, Callable[[], object]] = {
            "create": lambda: self.contacts.append(self.store.create("Contact", self._fields(number, key, mail))),
            "update": lambda: self.store.update("Contact", self._contact(number), self._fields(number, key, mail)),
            "delete": lambda: self.store.delete("Contact", self._contact(number)),
            "undelete": lambda: self.store.undelete("Contact", self._contact(number)),
            "purge": lambda: self.store.purge("Contact", self._contact(number)),
            "merge": lambda: self.store.merge(self._contact(number), self._contact(number + 1)),
            "touch": lambda: self.store.touch("Contact", self._contact(number)),
            "account": lambda: self.accounts.append(self.store.create("Account", {"Name": f"A{number}"})),
            "delete account": lambda: self.store.delete("Account", self.accounts[number % len(self.accounts)]),
            "pause": lambda: self.clock.advance(number),
        }
        with suppress(ApiError, ZeroDivisionError):
            doing[operation]()

    def query(self, condition: str, order: str, *, include_deleted: bool) -> list[dict[str, Any]]:
        text = (
            f"SELECT Id, LastName, Key__c, Email, AccountId, IsDeleted, SystemModstamp FROM Contact {condition} {order}"
        )
        result = soql.run(
            Data(self.store.schema, self.store.rows),
            text,
            today=NOON.date(),
            zone=self.store.zone,
            version="62.0",
            include_deleted=include_deleted,
        )
        return [result.render(row) for row in result.rows]

    def conditions(self) -> list[str]:
        some = self._contact(2) if self.contacts else "003000000000000AAA"
        account = self.accounts[0] if self.accounts else "001000000000000AAA"
        soon = "2026-11-24T12:00:04Z"
        return [
            "",
            f"WHERE Id = '{some}'",
            f"WHERE Id IN ('{some}', '{some[:15]}')",
            f"WHERE Id > '{some}'",
            f"WHERE Id >= '{some}' AND Id < '{some}'",
            "WHERE Key__c = 'k1'",
            "WHERE Key__c IN ('K1', 'k2') AND Email = 'A@EXAMPLE.COM'",
            "WHERE Email = 'a@example.com' OR Key__c = 'k3'",
            "WHERE Email IN ('a@example.com', null)",
            f"WHERE AccountId = '{account}'",
            f"WHERE SystemModstamp > {soon}",
            f"WHERE SystemModstamp >= {soon} AND CreatedDate < {soon}",
            f"WHERE (SystemModstamp = {soon} AND Id > '{some}') OR SystemModstamp > {soon}",
            f"WHERE NOT (LastModifiedDate <= {soon})",
            "WHERE CreatedDate = TODAY AND LastModifiedDate > YESTERDAY",
            f"WHERE SystemModstamp < {soon} AND LastName LIKE 'n%'",
        ]

    def _contact(self, number: int) -> str:
        return self.contacts[number % len(self.contacts)]

    def _fields(self, number: int, key: str | None, mail: str | None) -> dict[str, Any]:
        account = self.accounts[number % len(self.accounts)] if self.accounts and number % 3 else None
        return {"LastName": f"n{number}", "Key__c": key, "Email": mail, "AccountId": account}


_ORDERS = [
    "",
    "ORDER BY Id",
    "ORDER BY Id DESC LIMIT 3",
    "ORDER BY SystemModstamp, Id LIMIT 2",
    "ORDER BY SystemModstamp DESC",
    "ORDER BY SystemModstamp DESC, Id DESC LIMIT 2",
    "ORDER BY CreatedDate LIMIT 2 OFFSET 1",
    "ORDER BY LastName, SystemModstamp",
]


_QUESTIONS = st.lists(st.tuples(st.integers(0, 15), st.sampled_from(_ORDERS), st.booleans()), min_size=20, max_size=20)


@settings(max_examples=150, deadline=None)
@given(steps=_STEPS, more=_STEPS, delay=st.sampled_from([0, 3]), questions=_QUESTIONS)
def test_a_query_by_index_answers_what_a_scan_answers(
    steps: list[Step], more: list[Step], delay: int, questions: list[tuple[int, str, bool]]
) -> None:
    organisation = Organisation()
    for part in (steps, more):  # the indexes are built by the first queries, and kept up to date after them
        for step in part:
            organisation.do(step)
        organisation.store.commit_delay = delay
        for number, order, include_deleted in questions:
            condition, answers = organisation.conditions()[number], []
            for indexed in (True, False):
                organisation.store.rows.indexed = indexed
                answers.append(organisation.query(condition, order, include_deleted=include_deleted))
            assert answers[0] == answers[1], (condition, order)


@settings(max_examples=40, deadline=None)
@given(steps=_STEPS, undone=_STEPS)
def test_what_fails_leaves_rows_and_indexes_as_they_were(steps: list[Step], undone: list[Step]) -> None:
    organisation = Organisation()
    for step in steps:
        organisation.do(step)
    everything = [(c, o) for c in organisation.conditions() for o in _ORDERS]
    before = [organisation.query(c, o, include_deleted=True) for c, o in everything]
    purged, contacts = dict(organisation.store.rows.purged), list(organisation.contacts)
    at = organisation.clock.now()
    with suppress(_UndoneError), organisation.store.transaction():
        for step in undone:
            organisation.do(step)
        raise _UndoneError
    organisation.clock.set(at)
    organisation.contacts = contacts
    assert [organisation.query(c, o, include_deleted=True) for c, o in everything] == before
    assert organisation.store.rows.purged == purged
    for key in ("k1", "k2", "k3"):
        contact = organisation.store.schema.objects["Contact"]
        found = organisation.store.rows.matching(contact, contact.fields["Key__c"], key)
        assert [row.id for row in found] == [
            row["Id"] for row in organisation.query(f"WHERE Key__c = '{key}'", "", include_deleted=False)
        ]


def test_an_import_is_what_creating_and_editing_would_have_been() -> None:
    clock = Clock()
    clock.set(NOON)
    created, imported = SalesforceStore(clock), SalesforceStore(clock)
    fields = {"LastName": "山田", "FirstName": "太郎", "Company": "山田製作所", "City": "長野市", "AnnualRevenue": 5.0}
    user = created.add_user("u@example.com", "鈴木 花子")
    assert imported.add_user("u@example.com", "鈴木 花子") == user
    lead = created.create("Lead", fields | {"OwnerId": user}, user_id=user)
    clock.advance(60)
    created.update("Lead", lead, {"Title": "部長"}, user_id=user)
    record = ImportedRecord(
        fields | {"OwnerId": user, "Title": "部長"}, NOON, NOON + timedelta(seconds=60), {"Title": None}
    )
    assert imported.import_records("Lead", [record]) == [lead]
    assert imported.read("Lead", lead) == created.read("Lead", lead)
    assert imported.create("Lead", fields) != lead


def test_a_field_defined_later_has_its_default_in_all_records(tmp_path: Path) -> None:
    store = SalesforceStore()
    old = store.create("Lead", {"LastName": "佐藤", "Company": "C"})
    store.define_field("Lead", {"name": "Ready__c", "type": "boolean", "defaultValue": True})
    store.define_field("Lead", {"name": "Key__c", "externalId": True})
    new = store.create("Lead", {"LastName": "鈴木", "Company": "C", "Ready__c": False, "Key__c": "k"})
    store.save(tmp_path / "organisation")
    for each in (store, SalesforceStore.load(tmp_path / "organisation")):
        assert [each.read("Lead", i)["Ready__c"] for i in (old, new)] == [True, False]
        lead = each.schema.objects["Lead"]
        assert [row.id for row in each.rows.matching(lead, lead.fields["Key__c"], "K")] == [new]
