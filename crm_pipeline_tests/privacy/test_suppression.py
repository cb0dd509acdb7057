"""Who stays out of a read, and what is known of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import Kind, SourceRecord, System
from crm_pipeline.privacy import suppression
from crm_pipeline.privacy.erase import erase, lift, past
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.privacy.conftest import LEAD, YAMADA, record

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def gate(warehouse, settings):
    """The gate of HubSpot's contacts after 山田 was erased; record 152 is known."""
    with warehouse.connect() as connection:
        erase(connection, settings, "person-1", "監査")
        person = settings.mapping.of(Kind.PERSON)
        return suppression.gate(connection, System.HUBSPOT, "contacts", person, "JP", lambda one: one == "152")


def contact(record_id, **fields):
    return SourceRecord(System.HUBSPOT, "contacts", record_id, AT, AT, "u", fields)


@pytest.mark.parametrize(
    "read",
    [
        contact("151"),
        contact("900", email="ＹAMADA@aaa.jp "),
        contact("900", email="x@y.jp", hs_additional_emails="z@y.jp;yamada@aaa.jp"),
        contact("900", lastname="山田", firstname="太郎", phone="+81 26 222 3333"),
        contact("900", lastname="山田 ", firstname="太郎", mobilephone="09011112222"),
    ],
)
def test_the_same_record_address_or_number_with_the_name_stays_out(gate, read):
    assert gate.keeps_out(read)


@pytest.mark.parametrize(
    "read",
    [
        contact("900", lastname="山田", firstname="太郎"),
        contact("900", lastname="山田", firstname="花子", phone="026-222-3333"),
        contact("900", email="info@aaa.jp"),
        contact("900", email=None),
        contact("152", email="yamada@aaa.jp"),
    ],
    ids=["a namesake", "the family", "an address of somebody else too", "blank", "a record that was here before"],
)
def test_anybody_else_comes_in(gate, read):
    assert not gate.keeps_out(read)


def test_what_the_crm_still_has_explains_its_counts(warehouse, gate):
    with warehouse.connect() as connection:

        def live():
            return suppression.live(connection, System.HUBSPOT, "contacts")

        assert live() == 1
        gate.keeps_out(contact("151"))
        gate.keeps_out(contact("900", email="yamada@aaa.jp"))
        gate.note(connection, [], everything=False)
        assert live() == 2, "the new record as well"
        gate.note(connection, ["151"], everything=False)
        assert live() == 1, "one has a tombstone"
        gate.seen.clear()
        gate.note(connection, [], everything=True)
        assert live() == 0, "none of all that are there"


def test_nothing_says_who_was_erased(warehouse, gate):
    with warehouse.connect() as connection:
        rows = connection.execute("select what, hash, system, object from state.suppressed").fetchall()
        (told,) = past(connection)
    assert {(what, system) for what, _, system, _ in rows} == {
        ("record", "hubspot"),
        ("record", "salesforce"),
        ("e_mail", None),
        ("phone_and_name", None),
    }
    assert all(len(found) == 64 for _, found, _, _ in rows)
    assert (told.number, told.by, told.records, told.lifted_at) == (1, "監査", 3, None)


def test_another_installation_has_other_hashes(warehouse, gate):
    other = suppression.Suppression(b"another salt", {})
    assert other.hash("record", YAMADA) not in gate.suppression.hashes


def test_who_was_erased_again_is_kept_out_until_both_are_lifted(warehouse, settings, gate):
    """They came back by another address, with the number and the name that they had."""
    with warehouse.connect() as connection:
        again = {"lastname": "山田", "firstname": "太郎", "email": "new@bbb.jp", "phone": "026-222-3333"}
        insert(connection, "raw.hubspot_contacts", [record("900", **again)])
        assert erase(connection, settings, "hubspot/contacts/900", "監査").number == 2
        assert erase(connection, settings, "person-2", "監査").number == 3
        assert lift(connection, 1, "鈴木") == [2]
        assert replace(gate, suppression=suppression.read(connection)).keeps_out(contact("901", **again))
        assert lift(connection, 2, "鈴木") == []
        assert not replace(gate, suppression=suppression.read(connection)).keeps_out(contact("901", **again))


def test_a_lifted_suppression_keeps_nobody_out_and_is_lifted_once(warehouse, gate):
    with warehouse.connect() as connection:
        lift(connection, 1, "鈴木")
        assert not suppression.read(connection)
        assert suppression.live(connection, System.SALESFORCE, LEAD.split("/")[1]) == 0
        assert past(connection)[0].lifted_by == "鈴木"
        with pytest.raises(NotFoundError, match="no suppression 1 to lift"):
            lift(connection, 1, "鈴木")


def test_nobody_erased_costs_no_hash(warehouse, settings):
    with warehouse.connect() as connection:
        asked = suppression.read(connection)
    assert not suppression.Gate(asked, System.HUBSPOT, "contacts").keeps_out(contact("151"))
    assert asked == suppression.Suppression()
