"""Synthetic records: repeatable, of the size asked for, in the wanted shares, and about nobody real."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.emulator.organisation.synthetic.sizes import HUBSPOT_SHARES, SALESFORCE_SHARES
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

from .conftest import Made, make

HUBSPOT, SALESFORCE = System.HUBSPOT, System.SALESFORCE
PEOPLE = ("contacts", "Lead", "Contact")
E_MAIL, FAMILY, GIVEN = ("email", "Email"), ("lastname", "LastName"), ("firstname", "FirstName")


def texts(made: Made, *names: str) -> list[str]:
    """All present and past values of the fields with these names."""
    records = chain.from_iterable(made.records.values())
    return [v for r in records for f in (r.fields, r.before) for n, v in f.items() if n in names and v is not None]


@pytest.mark.parametrize("records", [1, 2, 7, 16, 17, 100, 9_999, 10_001, 20_000])
@pytest.mark.parametrize(("system", "shares"), [(HUBSPOT, HUBSPOT_SHARES), (SALESFORCE, SALESFORCE_SHARES)])
def test_each_crm_has_as_many_records_as_asked_for_in_the_wanted_shares(records, system, shares):
    made = make(Synthetic(records), system)

    assert sum(map(len, made.records.values())) == records
    districts = -(-records // 10_000)
    assert all(abs(len(made.records[name]) - records * share / 100) <= districts for name, share in shares.items())


def test_a_seed_gives_the_same_records_again_and_another_seed_other_ones():
    for system in System:
        assert make(Synthetic(300, seed=4), system) == make(Synthetic(300, seed=4), system)
        assert make(Synthetic(300, seed=4), system) != make(Synthetic(300, seed=5), system)


def test_the_records_are_the_same_in_every_process():
    # what a release changes here is a change of every made-up organisation: say so in the release notes
    code = (
        "from crm_pipeline.emulator.organisation.synthetic import Synthetic\n"
        "from crm_pipeline_tests.emulator.organisation.synthetic.conftest import make\n"
        "from crm_pipeline.model import System\n"
        "from hashlib import sha256\n"
        "print(sha256(repr([make(Synthetic(200), s).records for s in System]).encode()).hexdigest())"
    )
    root = Path(__file__).parents[4]
    here = [run([executable, "-c", code], cwd=root, capture_output=True, check=True).stdout for _ in range(2)]

    assert here[0] == here[1] != b""


def test_a_record_is_not_another_one_in_a_larger_organisation_of_whole_districts():
    small, large = (make(Synthetic(size, seed=2), SALESFORCE) for size in (10_000, 20_000))

    assert large.entities["Lead"][: len(small.entities["Lead"])] == small.entities["Lead"]
    assert large.values("Lead", "Email")[: len(small.records["Lead"])] == small.values("Lead", "Email")


@pytest.mark.parametrize("duplicates", [0.0, 0.07, 0.3])
def test_the_share_of_duplicates_is_the_one_asked_for(duplicates):
    organisation = Synthetic(10_000, duplicates=duplicates)
    hubspot, salesforce = (make(organisation, system) for system in (HUBSPOT, SALESFORCE))

    for made, objects in ((hubspot, ("contacts",)), (hubspot, ("companies",)), (salesforce, ("Lead", "Contact"))):
        entities = list(chain.from_iterable(made.entities[name] for name in objects))
        assert 1 - len(set(entities)) / len(entities) == pytest.approx(duplicates, abs=0.002)


@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.9, 1.0])
def test_the_share_of_people_and_companies_in_both_crms_is_the_one_asked_for(overlap):
    organisation = Synthetic(10_000, overlap=overlap)
    hubspot, salesforce = (make(organisation, system) for system in (HUBSPOT, SALESFORCE))

    for ours, theirs in (({"contacts"}, {"Lead", "Contact"}), ({"companies"}, {"Account"})):
        one = set(chain.from_iterable(hubspot.entities[name] for name in ours))
        other = set(chain.from_iterable(salesforce.entities[name] for name in theirs))
        possible = min(overlap, min(len(one), len(other)) / max(len(one), len(other)))
        assert len(one & other) / len(one | other) == pytest.approx(possible, abs=0.01)


def test_the_same_entity_is_the_same_person_seen_from_both_sides(hubspot, salesforce):
    birth_dates, e_mails = {}, {}
    for entity, record in zip(hubspot.entities["contacts"], hubspot.records["contacts"], strict=True):
        birth_dates.setdefault(entity, record.fields.get("birth_date"))
        e_mails.setdefault(entity, record.fields.get("email"))
    born, written = Counter(), Counter()
    for object_, name in (("Lead", "Birthdate__c"), ("Contact", "Birthdate")):
        for entity, record in zip(salesforce.entities[object_], salesforce.records[object_], strict=True):
            if record.fields.get(name) and birth_dates.get(entity):
                born[record.fields[name] == birth_dates[entity]] += 1
            if record.fields.get("Email") and e_mails.get(entity):
                written[record.fields["Email"] == e_mails[entity]] += 1

    assert born[True] > 100
    assert not born[False]
    assert written[True] > 4 * written[False] > 0  # the others are old addresses, slips and common mailboxes


def test_nobody_shares_an_e_mail_address_with_somebody_else(hubspot, salesforce):
    holders = {}
    for made in (hubspot, salesforce):
        for object_ in made.entities.keys() & set(PEOPLE):
            for entity, record in zip(made.entities[object_], made.records[object_], strict=True):
                address = next((record.fields[name] for name in E_MAIL if name in record.fields), None)
                if address and not re.match("(info|sales|eigyo|soumu|contact)@", address):
                    holders.setdefault(address, set()).add(entity)

    shared = [address for address, entities in holders.items() if len(entities) > 1]
    assert len(shared) <= 3  # a slip of the fingers may hit a colleague


def test_hubspot_has_one_contact_for_an_e_mail_also_in_the_past(hubspot):
    holders = Counter()
    for record in hubspot.records["contacts"]:
        holders.update({record.fields.get("email"), record.before.get("email")} - {None})

    assert max(holders.values()) == 1


def test_no_e_mail_address_or_site_can_belong_to_somebody(hubspot, salesforce):
    for made in (hubspot, salesforce):
        addresses = texts(made, *E_MAIL, "domain", "website", "Website")
        assert len(addresses) > 2000
        assert all(re.search(r"\.example$|\.demo\d{7}@", address) for address in addresses)


def test_companies_have_domains_of_their_own(hubspot):
    domains = {}
    for entity, record in zip(hubspot.entities["companies"], hubspot.records["companies"], strict=True):
        domains.setdefault(record.fields.get("domain"), set()).add(entity)
    domains.pop(None)

    assert all(len(entities) == 1 for entities in domains.values())


def test_the_guides_people_are_left_to_the_guide(hubspot, salesforce):
    names = [
        (record.fields.get(family), record.fields.get(given))
        for made in (hubspot, salesforce)
        for object_ in PEOPLE
        for record in made.records[object_]
        for family, given in zip(FAMILY, GIVEN, strict=True)
    ]

    assert ("山田", "太郎") not in names
    assert not any(family == "松本" for family, _ in names)


def test_languages_are_drawn_in_the_wanted_shares():
    made = make(Synthetic(10_000, languages={"ja": 0.5, "ko": 0.5}, dirt=0), SALESFORCE)
    names = [*made.values("Lead", "LastName"), *made.values("Contact", "LastName")]
    korean = sum(bool(re.match("[가-힣]", name)) for name in names) / len(names)

    assert korean == pytest.approx(0.5, abs=0.06)
    assert all(re.match("[가-힣一-龠々𠮷ぁ-んァ-ヶ]", name) for name in names)


def test_usual_records_are_mostly_japanese(hubspot):
    names = hubspot.values("contacts", "lastname")
    latin = sum(bool(re.match("[A-Za-z]", name)) for name in names) / len(names)

    assert 0.2 < latin < 0.4


def test_without_dirt_everything_is_there_and_written_the_usual_way():
    organisation = Synthetic(2_000, languages={"ja": 1}, dirt=0)
    hubspot, salesforce = (make(organisation, system) for system in (HUBSPOT, SALESFORCE))

    for record in hubspot.records["contacts"]:
        assert re.fullmatch(r"0\d{1,4}-\d{1,4}-\d{4}", record.fields["phone"])
        assert re.fullmatch(r"\d{3}-\d{4}", record.fields["zip"])
        assert record.fields["country"] == "日本"
        assert not re.search("[A-Za-zァ-ヶｦ-ﾟ 　様]", record.fields["lastname"] + record.fields["firstname"])
    names = {}
    for made, object_, name in ((hubspot, "companies", "name"), (salesforce, "Account", "Name")):
        for entity, record in zip(made.entities[object_], made.records[object_], strict=True):
            names.setdefault(entity, set()).add(record.fields[name])
    assert all(len(spellings) == 1 for spellings in names.values())
    assert not any(re.search("[（(㈱㈲]", name) for spellings in names.values() for name in spellings)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"^[A-Z][a-z]+$", FAMILY),
        (r"^[ァ-ヶー]+$", FAMILY),
        (r"^[ｦ-ﾟ]+$", FAMILY),
        (r"^[Ａ-Ｚ]", FAMILY),
        (r"^\S+[ 　]\S+$", FAMILY),
        (r"[髙﨑𠮷濵澤嶋]", FAMILY),
        (r"(様|さん)$", GIVEN),
        (r"^\(株\)|㈱", ("name", "Name", "company", "Company")),
        (r"Co\., Ltd\.$", ("name", "Name", "company", "Company")),
        (r"^０", ("phone", "Phone", "mobilephone", "MobilePhone")),
        (r"^\+81 \d", ("phone", "Phone", "mobilephone", "MobilePhone")),
        (r"内線\d\d$", ("phone", "Phone")),
        (r"^〒", ("zip", "PostalCode", "MailingPostalCode", "BillingPostalCode")),
        (r"^東京都.+区", ("address", "Street", "MailingStreet", "BillingStreet")),
    ],
)
def test_dirt_of_every_kind_is_there_in_both_crms(hubspot, salesforce, pattern, names):
    for made in (hubspot, salesforce):
        assert sum(bool(re.search(pattern, text)) for text in texts(made, *names)) > 10


def test_more_dirt_leaves_more_gaps():
    def filled(dirt: float) -> int:
        return sum(len(record.fields) for record in make(Synthetic(2_000, dirt=dirt), HUBSPOT).records["contacts"])

    assert filled(0) > filled(1) > filled(3)


def test_records_were_made_and_edited_in_the_past(hubspot, salesforce):
    for made in (hubspot, salesforce):
        for record in chain.from_iterable(made.records.values()):
            assert record.created_at <= record.modified_at <= NOW
            assert (record.modified_at > record.created_at) == bool(
                record.before
            ) or record.modified_at == record.created_at
            assert record.before.keys() <= record.fields.keys()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"records": 0}, "at least 1 record"),
        ({"duplicates": 0.6}, "duplicates of a synthetic organisation must be from 0 to 0.5"),
        ({"overlap": -0.1}, "overlap"),
        ({"dirt": 6}, "dirt"),
        ({"languages": {"ja": 1, "xx": 1}}, "unknown language xx"),
        ({"languages": {"ja": 0}}, "one must be above 0"),
        ({"languages": {}}, "one must be above 0"),
        ({"languages": {"ja": -1, "en": 3}}, "must not be negative"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Synthetic(**{"records": 10, **arguments})


@pytest.mark.parametrize(("made", "object_"), [("hubspot", "deals"), ("salesforce", "Opportunity")])
def test_deals_do_not_change_all_at_once(request, made, object_):
    # a sync that asks for what changed at or after its last time stamp would read them again and again
    times = Counter(record.modified_at for record in request.getfixturevalue(made).records[object_])

    assert max(times.values()) < 10
