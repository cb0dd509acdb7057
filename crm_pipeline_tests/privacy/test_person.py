"""Who is meant by a name, and which records are theirs."""

import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.privacy.person import find
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.privacy.conftest import LEAD, SATO, YAMADA, record, related


@pytest.mark.parametrize("name", ["yamada@AAA.jp", " Ｙamada@aaa.jp ", YAMADA, LEAD, "person-1"])
def test_a_person_is_known_by_address_record_and_golden_id(warehouse, settings, name):
    with warehouse.connect() as connection:
        person = find(connection, settings, name)
    assert person.golden_ids == ("person-1",)
    assert person.records == ((YAMADA, True), ("hubspot/notes/1", True), (LEAD, True))


def test_a_secondary_address_is_an_address(warehouse, settings):
    with warehouse.connect() as connection:
        assert [key for key, _ in find(connection, settings, "sato2@aaa.jp").records] == [SATO]


def test_an_address_of_several_customers_is_refused_by_naming_them(warehouse, settings):
    with (
        warehouse.connect() as connection,
        pytest.raises(NotFoundError, match="name one of person-1, person-2 instead"),
    ):
        find(connection, settings, "info@aaa.jp")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody@aaa.jp", "nobody here has this e-mail address"),
        ("person-9", "there is no golden record person-9"),
        ("company-1", "company-1 is no person"),
        ("hubspot/companies/1", "is no person: name a contact or a lead"),
        ("hubspot/contacts/9", "nothing is known here of hubspot/contacts/9"),
        ("hubspot/151", "names no record"),
        ("nowhere/contacts/151", "names no record"),
    ],
)
def test_what_names_nobody_is_told(warehouse, settings, name, said):
    with warehouse.connect() as connection, pytest.raises(NotFoundError, match=said):
        find(connection, settings, name)


def test_what_was_merged_away_or_redirects_belongs_to_the_person(warehouse, settings):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into raw.tombstone values ('hubspot', 'contacts', '149', 'merged', now(), 'contacts', '151', 1)"
        )
        connection.execute("insert into golden.redirect values ('person-7', 'person-1', 1, 'hubspot/contacts/149')")
        person = find(connection, settings, "person-7")
    assert person.golden_ids == ("person-1", "person-7")
    assert ("hubspot/contacts/149", False) in person.records


def test_what_was_merged_into_what_was_merged_away_belongs_to_the_person(warehouse, settings):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into raw.tombstone values "
            "('hubspot', 'contacts', '148', 'merged', now(), 'contacts', '149', 1), "
            "('hubspot', 'contacts', '149', 'merged', now(), 'contacts', '151', 2)"
        )
        person = find(connection, settings, "person-1")
    assert ("hubspot/contacts/148", False) in person.records


def test_a_record_that_was_told_apart_from_the_person_is_somebody_elses(warehouse, settings):
    """What was synced and written while it was one with the person names it still."""
    with warehouse.connect() as connection:
        connection.execute(f"insert into state.base values ('person-1', '{SATO}', 'phone', '[]', null, 1)")
        connection.execute(f"insert into state.link values ('{SATO}', 'person-1', 'created', 1)")
        connection.execute(
            "insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, golden_id, "
            "field, operation, old, new) values ('1', 1, 1, '1', 'landed', 'hubspot', 'contacts', '152', 'person-1', "
            "'phone', 'update', '{}', '{}')"
        )
        person = find(connection, settings, "person-1")
    assert person.records == ((YAMADA, True), ("hubspot/notes/1", True), (LEAD, True))


def test_an_activity_whose_counterpart_is_with_somebody_else_stays(warehouse, settings):
    with warehouse.connect() as connection:
        insert(connection, "raw.salesforce_event", [record("00U1", Subject="会議")])
        insert(connection, "raw.salesforce_lead", [record("00Q2", LastName="佐藤")])
        insert(connection, "raw.association", [related("salesforce/Event/00U1", "salesforce/Lead/00Q2")])
        connection.execute(
            "insert into golden.link select 'activity-1', 'activity', k, split_part(k, '/', 1), split_part(k, '/', 2), "
            "split_part(k, '/', 3), true, null, 1 from (values ('hubspot/notes/1'), ('salesforce/Event/00U1')) t(k)"
        )
        assert [key for key, _ in find(connection, settings, "person-1").records] == [YAMADA, LEAD]


def test_a_record_that_belongs_to_nobody_yet_is_erased_by_its_key(warehouse, settings):
    with warehouse.connect() as connection:
        insert(connection, "raw.hubspot_contacts", [record("160", lastname="新")])
        person = find(connection, settings, "hubspot/contacts/160")
    assert (person.golden_ids, person.records) == ((), (("hubspot/contacts/160", True),))
