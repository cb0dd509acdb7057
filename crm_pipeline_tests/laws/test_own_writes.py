"""Law 49 at the stages: whatever we write or create, they say the same of the records that were there before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.match import stage as match
from crm_pipeline.model import MATCHED, OBJECTS, Kind, split_record_key
from crm_pipeline.normalise import stage as normalise
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.laws.sizes import examples

SETTINGS = load_settings()
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

#: Few values a role, so that records meet; blank is one of them.
VALUES: Mapping[Kind, Mapping[str, list[str | None]]] = {
    Kind.PERSON: {
        "family_name": ["佐藤", "鈴木", "長谷川 健二", None],
        "given_name": ["健二", "花子", None],
        "e_mail": ["kenji@aaa.jp", "hanako@bbb.jp", None],
        "phone": ["026-234-5678", "090-1234-5678", None],
        "city": ["長野市", "松本市", None],
        "birth_date": ["1980-01-02", "1990-05-06", None],
    },
    Kind.COMPANY: {
        "company": ["株式会社山田製作所", "(株)鈴木商店", None],
        "website": ["https://aaa.jp", "https://bbb.jp", None],
        "phone": ["026-234-0000", "03-3456-7890", None],
        "city": ["長野市", None],
    },
}
#: How a CRM or a user may spell a value again without changing it.
RESPELT = {"e_mail": str.upper, "phone": lambda text: text.replace("-", " "), "birth_date": str}
PLACES = {
    Kind.PERSON: ["hubspot/contacts", "salesforce/Lead", "salesforce/Contact"],
    Kind.COMPANY: ["hubspot/companies", "salesforce/Account"],
}


@dataclass
class Organisation:
    """Records by key, CRM field -> value; who works where; and what we wrote there."""

    records: dict[str, dict[str, str | None]] = field(default_factory=dict)
    employers: dict[str, str] = field(default_factory=dict)
    written: list[tuple[str, str, str | None, str | None, str | None]] = field(default_factory=list)
    created: dict[str, str] = field(default_factory=dict)

    def set_up(self, house: Warehouse) -> None:
        with house.connect() as connection:
            for system, object_ in OBJECTS:
                connection.execute(f"delete from raw.{system}_{object_.lower()}")
            for table in ("raw.association", "state.written", "state.link", "golden.entity"):
                connection.execute(f"delete from {table}")
            for key, fields in self.records.items():
                system, object_, record_id = split_record_key(key)
                if key in self.employers and object_ == "Contact":
                    fields = fields | {"Account.Name": self.records[self.employers[key]]["Name"]}
                connection.execute(
                    f"insert into raw.{system}_{object_.lower()} "
                    "values (?, ?, ?, 'somebody', ?, '{}', null, 1, null)",
                    [record_id, MOMENT, MOMENT, json.dumps(fields)],
                )
            for key, employer in self.employers.items():
                connection.execute(
                    "insert into raw.association values (?, ?, ?, ?, ?, true, '')",
                    [*split_record_key(key), *split_record_key(employer)[1:]],
                )
            for key, name, *values in self.written:
                new, observed, before = (None if value is None else json.dumps(value) for value in values)
                connection.execute(
                    "insert into state.written values (?, ?, ?, ?, ?, 1)", [key, name, new, observed, before]
                )
            for key, anchor in self.created.items():
                connection.execute("insert into state.link values (?, ?, 'created', 1)", [key, anchor])
                kind = OBJECTS[split_record_key(key)[:2]]
                connection.execute("insert into golden.entity values (?, ?, ?, 1)", [anchor, kind, anchor])


def names(key: str) -> dict[str, str]:
    """Role -> the CRM field of a record that has it first; paths are nobody's to write."""
    system, object_, _ = split_record_key(key)
    found: dict[str, str] = {}
    for role, name in SETTINGS.mapping.of(OBJECTS[system, object_]).roles(object_):
        if "." not in name:
            found.setdefault(role, name)
    return found


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    house = Organisation()
    for kind, places in reversed(PLACES.items()):
        for number in range(draw(st.integers(1, 3 if kind is Kind.COMPANY else 8))):
            key = f"{draw(st.sampled_from(places))}/{number}"
            fields = names(key)
            house.records[key] = {
                fields[role]: draw(st.sampled_from(values)) for role, values in VALUES[kind].items() if role in fields
            }
            works_at = {"contacts": "hubspot/companies", "Contact": "salesforce/Account"}.get(key.split("/")[1])
            companies = [other for other in house.records if works_at and other.startswith(works_at)]
            if companies:
                house.employers[key] = draw(st.sampled_from(companies))
    return house


@st.composite
def pushed(draw: st.DrawFn, before: Organisation) -> Organisation:
    """The same organisation after some own writes and creates, some of the values spelt differently since."""
    after = Organisation({key: dict(fields) for key, fields in before.records.items()}, dict(before.employers))

    def write(key: str, role: str, name: str, held_before: str | None) -> None:
        kind = OBJECTS[split_record_key(key)[:2]]
        value = draw(st.sampled_from(VALUES[kind][role]))
        respelt = RESPELT.get(role, lambda text: f"{text} ")(value) if value else draw(st.sampled_from(["", None]))
        observed, here = draw(st.sampled_from([(None, value), (respelt, respelt), (value, respelt)]))
        after.written.append((key, name, value if value else "", observed, held_before))
        after.records[key][name] = here

    for key, fields in before.records.items():
        for role, name in names(key).items():
            if name in fields and draw(st.integers(0, 2)) == 0:
                write(key, role, name, fields[name])
    for anchor in draw(st.lists(st.sampled_from(sorted(before.records)), max_size=4, unique=True)):
        kind = OBJECTS[split_record_key(anchor)[:2]]
        key = f"{draw(st.sampled_from(PLACES[kind]))}/made-for-{anchor.replace('/', '-')}"
        after.created[key] = anchor
        after.records[key] = {}
        for role, name in names(key).items():
            if role in VALUES[kind]:
                write(key, role, name, None)
    return after


@dataclass(frozen=True)
class Said:
    rows: list[tuple[Any, ...]]
    pairs: list[tuple[Any, ...]]
    cluster: dict[str, str]

    def together(self, keys: Mapping[str, object]) -> set[frozenset[str]]:
        """The clusters, of these records only."""
        found: dict[str, set[str]] = {}
        for key in keys:
            found.setdefault(self.cluster[key], set()).add(key)
        return {frozenset(members) for members in found.values()}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("own_writes") / "crm.duckdb")


def said(house: Warehouse, organisation: Organisation) -> Said:
    """What both stages make of it; `rows` of the records that we did not create."""
    organisation.set_up(house)
    normalise.run(house, SETTINGS, 1)
    match.run(house, SETTINGS, 1)
    with house.connect() as connection:
        there_before = "where record_key not in (select record_key from state.link) order by record_key"
        rows = [
            row for kind in MATCHED for row in connection.execute(f"from normalise.{kind} {there_before}").fetchall()
        ]
        pairs = connection.execute("from match.pair order by all").fetchall()
        cluster = dict(connection.execute("select record_key, cluster from match.cluster").fetchall())
    return Said(rows, pairs, cluster)


@examples(3, 60)
@given(st.data())
def test_law_49_own_writes_are_not_evidence(house: Warehouse, data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    after_push = data.draw(pushed(organisation))
    before, after = said(house, organisation), said(house, after_push)
    event(f"pairs: {min(len(before.pairs), 3)}, written: {len(after_push.written) > 0}")
    assert after.rows == before.rows
    assert after.pairs == before.pairs
    assert after.together(organisation.records) == before.together(organisation.records)
    for key, anchor in after_push.created.items():
        assert after.cluster[key] == after.cluster[anchor]


def test_a_users_edit_of_a_created_record_is_evidence(house: Warehouse) -> None:
    contact, lead, made = "hubspot/contacts/1", "salesforce/Lead/1", "salesforce/Lead/2"
    organisation = Organisation(
        {
            contact: {"phone": "026-234-5678"},
            lead: {"LastName": "鈴木", "FirstName": "花子", "Email": "hanako@bbb.jp"},
            made: {"LastName": "鈴木", "FirstName": "花子", "Email": "hanako@bbb.jp", "Phone": "026-234-5678"},
        },
        written=[(made, "Phone", "026-234-5678", None, None)],
        created={made: contact},
    )
    found = said(house, organisation)
    assert [(pair[1], pair[2], pair[5]) for pair in found.pairs] == [(lead, made, "auto")]
    assert found.together(organisation.records) == {frozenset(organisation.records)}
