"""The made-up organisation: repeatable, of the size asked for, dirty in the known ways, and about nobody real."""

import re
from collections import Counter
from itertools import chain

import pytest

from crm_pipeline.emulator.organisation import Organisation, generate
from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.model import System

HUBSPOT, SALESFORCE = System.HUBSPOT, System.SALESFORCE


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return generate(seed=1)


def texts(organisation: Organisation, *names: str) -> list[str]:
    """All present and past values of the fields with these names, in either CRM."""
    records = chain.from_iterable(organisation.records.values())
    return [str(v) for r in records for f in (r.fields, r.before) for n, v in f.items() if n in names and v is not None]


def test_a_seed_gives_the_same_organisation_again_and_another_seed_another_one():
    assert generate(3, 0.05) == generate(3, 0.05)
    assert generate(3, 0.05) != generate(4, 0.05)


@pytest.mark.parametrize(
    ("size", "contacts", "people", "companies", "accounts"), [(1, 2000, 1500, 300, 350), (0.1, 200, 150, 30, 35)]
)
def test_the_size_is_the_number_of_records(size, contacts, people, companies, accounts):
    numbers = {place: len(rows) for place, rows in generate(1, size).records.items()}

    assert numbers[HUBSPOT, "contacts"] == contacts
    assert numbers[SALESFORCE, "Lead"] + numbers[SALESFORCE, "Contact"] == people
    assert numbers[HUBSPOT, "companies"] == companies
    assert numbers[SALESFORCE, "Account"] == accounts


def test_the_truth_names_every_record_once(organisation):
    named = [(t.system, t.object, t.index) for t in organisation.truth]

    assert sorted(named) == sorted((*p, i) for p, rows in organisation.records.items() for i in range(len(rows)))


def test_half_of_the_people_are_in_both_crms_and_some_are_there_twice(organisation):
    hubspot = Counter(t.entity for t in organisation.truth if t.object == "contacts")
    leads = Counter(t.entity for t in organisation.truth if t.object == "Lead")
    contacts = Counter(t.entity for t in organisation.truth if t.object == "Contact")
    salesforce = leads.keys() | contacts.keys()

    assert 0.45 < len(hubspot.keys() & salesforce) / len(hubspot.keys() | salesforce) < 0.55
    assert sum(number > 1 for number in hubspot.values()) > 50
    assert len(leads.keys() & contacts.keys()) > 30


def test_hubspot_has_one_contact_for_an_e_mail_also_in_the_past(organisation):
    holders = Counter(
        e_mail
        for record in organisation.records[HUBSPOT, "contacts"]
        for e_mail in {record.fields["email"], record.before.get("email")} - {None}
    )

    assert max(holders.values()) == 1


def test_no_e_mail_address_can_belong_to_somebody(organisation):
    addresses = texts(organisation, "email", "Email")

    assert len(addresses) > 2000
    assert all(re.search(r"\.example$|\.demo\d{4}\d*@", address) for address in addresses)


def test_the_guides_two_people_are_the_only_ones_of_their_name(organisation):
    people = [*organisation.records[HUBSPOT, "contacts"], *organisation.records[SALESFORCE, "Lead"]]
    names = {
        (r.fields.get("lastname") or r.fields.get("LastName"), r.fields.get("firstname") or r.fields.get("FirstName"))
        for r in people
    }

    assert ("山田", "太郎") not in names
    assert not any(str(family).startswith("松本") for family, _ in names)


def test_a_record_was_edited_exactly_when_it_is_younger_than_its_creation(organisation):
    records = list(chain.from_iterable(organisation.records.values()))

    assert all(r.created_at <= r.modified_at <= NOW for r in records)
    assert all((r.modified_at > r.created_at) == bool(r.before) for r in records)
    assert sum(bool(r.before) for r in records) > 1000


def test_contacts_refer_to_accounts_and_companies_that_exist(organisation):
    accounts = len(organisation.records[SALESFORCE, "Account"])
    assert all(0 <= r.fields["AccountId"].index < accounts for r in organisation.records[SALESFORCE, "Contact"])

    contacts, companies = (len(organisation.records[HUBSPOT, name]) for name in ("contacts", "companies"))
    links = organisation.associations
    assert all(link.one.index < contacts and link.other.index < companies for link in links)
    assert len(links) > 500


def test_owners_are_users_of_the_crm_of_the_record(organisation):
    for system, name in ((HUBSPOT, "hubspot_owner_id"), (SALESFORCE, "OwnerId")):
        users = {owner.e_mail for owner in organisation.owners if system in owner.systems}
        rows = chain.from_iterable(rows for (of, _), rows in organisation.records.items() if of is system)
        used = {record.fields[name] for record in rows} - {None}
        assert used == users
        assert len(users) == 8


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("phone", "Phone"), r"^０"),
        (("phone", "Phone"), r"^\+81 "),
        (("phone", "Phone"), r"^03\("),
        (("phone", "Phone"), r"内線"),
        (("lastname",), r"^[A-Z][a-z]+$"),
        (("lastname",), r"^[ｦ-ﾟ]+$"),
        (("lastname",), r"^[ァ-ヶー]+$"),
        (("lastname",), r"[ 　]"),
        (("lastname", "LastName"), r"髙|﨑|澤|濵"),
        (("firstname",), r"様$|さん$"),
        (("firstname", "FirstName"), r"^(Bob|Bill|Mike|Jim|Liz)$"),
        (("name", "Name", "Company"), r"^株式会社"),
        (("name", "Name", "Company"), r"\(株\)"),
        (("name", "Name", "Company"), r"㈱"),
        (("name", "Name", "Company"), r"Co\., Ltd\.$"),
        (("zip", "PostalCode", "MailingPostalCode"), r"^〒"),
        (("address", "Street"), r"^(東京都|大阪府)"),
        (("address", "Street"), r"丁目\d+番\d+号"),
        (("Email",), r"^info@"),
    ],
)
def test_the_dirt_of_real_life_is_there(organisation, names, pattern):
    assert any(re.search(pattern, text) for text in texts(organisation, *names))
