"""From raw rows to normalise.person and normalise.company, over several runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.normalise.stage import run
from crm_pipeline.warehouse import Warehouse

LEAD = "salesforce/Lead/1"
TABLES = {"contacts": "hubspot_contacts", "companies": "hubspot_companies"}


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb")


def add(house: Warehouse, key: str, retired: str | None = None, **fields: Any) -> None:
    system, object_, record_id = key.split("/")
    table = TABLES.get(object_, f"{system}_{object_.lower()}")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with house.connect() as connection:
        connection.execute(f"delete from raw.{table} where record_id = ?", [record_id])
        connection.execute(
            f"insert into raw.{table} values (?, ?, ?, 'somebody', ?, '{{}}', ?, 1, null)",
            [record_id, moment, moment, json.dumps(fields), retired],
        )


def wrote(house: Warehouse, key: str, name: str, value: Any, *, held_before: Any, observed: Any = None) -> None:
    with house.connect() as connection:
        connection.execute(
            "insert into state.written values (?, ?, ?, ?, ?, 1)",
            [key, name, json.dumps(value), json.dumps(observed) if observed else None, json.dumps(held_before)],
        )


def rows(house: Warehouse, kind: str = "person") -> dict[str, dict[str, Any]]:
    with house.connect() as connection:
        found = connection.execute(f"from normalise.{kind}")
        names = [column[0] for column in found.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def test_a_person_has_the_keys_of_its_fields(house):
    add(
        house,
        "hubspot/contacts/7",
        lastname="山田",
        firstname="太郎",
        email="Yamada+x@aaa.jp",
        hs_additional_emails="yamada+x@aaa.jp;info@aaa.jp",
        phone="026-000-0000 内線12",
        mobilephone=None,
        state="長野県",
        city="長野市",
        address="吉田一丁目",
        zip="3810043",
        birth_date="1988-04-09",
        company="㈱山田製作所",
        jobtitle="部長",
    )
    run(house, load_settings(), 1)
    person = rows(house)["hubspot/contacts/7"]
    assert (person["family_key"], person["given_key"], person["readings"]) == ("山田", "太郎", ["yamada taro"])
    assert person["name_flags"] == ["placeholder"]
    assert [(m["identity"], m["flags"]) for m in person["e_mails"]] == [
        ("yamada@aaa.jp", []),
        ("info@aaa.jp", ["role"]),
    ]
    assert person["phones"] == [
        {"e164": "+81260000000", "extension": "12", "status": "valid", "kind": "fixed", "prefecture": "長野県"}
    ]
    assert [person[c] for c in ("prefecture", "city", "town", "number", "postal_code")] == [
        "長野県",
        "長野市",
        "吉田",
        "1",
        "381-0043",
    ]
    assert (person["birth_date"], person["company_key"]) == (date(1988, 4, 9), "山田製作所")
    assert person["job_title"] == "部長"


def test_a_path_over_a_relation_is_read(house):
    add(house, "salesforce/Contact/3", LastName="松本", **{"Account.Name": "松本商店有限会社"})
    run(house, load_settings(), 1)
    assert rows(house)["salesforce/Contact/3"]["company_key"] == "松本商店"


def test_a_record_without_any_value_takes_part(house):
    add(house, LEAD)
    assert run(house, load_settings(), 1).people == 1
    person = rows(house)[LEAD]
    assert (person["family_key"], person["readings"], person["e_mails"], person["phones"]) == (None, [], [], [])


def test_an_unreadable_value_is_still_said(house):
    add(house, LEAD, LastName="松本", Phone="000-111-2222", Email="mathu at bbb")
    run(house, load_settings(), 1)
    person = rows(house)[LEAD]
    assert (person["phones"][0]["e164"], person["phones"][0]["status"]) == ("+81001112222", "possible")
    assert person["e_mails"][0]["flags"] == ["invalid"]


def test_a_company_has_its_domains_without_mail_providers(house):
    add(
        house,
        "hubspot/companies/1",
        name="株式会社山田製作所",
        website="https://www.aaa.co.jp/",
        domain="gmail.com",
        phone="03-3456-7890",
    )
    assert run(house, load_settings(), 1).companies == 1
    company = rows(house, "company")["hubspot/companies/1"]
    assert (company["name_key"], company["legal_form"], company["legal_form_position"]) == (
        "山田製作所",
        "株式会社",
        "before",
    )
    assert company["domains"] == ["aaa.co.jp"]
    assert company["phones"][0]["prefecture"] == "東京都"


def test_the_employer_is_the_primary_live_company(house):
    for number in "123":
        add(house, f"hubspot/companies/{number}", retired="deleted" if number == "1" else None, name=f"会社{number}")
    add(house, "hubspot/contacts/7", lastname="松本")
    with house.connect() as connection:
        for company, primary in (("1", True), ("2", False), ("3", True)):
            connection.execute(
                "insert into raw.association values ('hubspot', 'contacts', '7', 'companies', ?, ?, '')",
                [company, primary],
            )
    run(house, load_settings(), 1)
    assert rows(house)["hubspot/contacts/7"]["company_record_key"] == "hubspot/companies/3"


def test_retired_records_have_no_keys(house):
    add(house, LEAD, retired="deleted", LastName="松本")
    assert run(house, load_settings(), 1).people == 0


def test_a_second_run_works_on_new_values_only(house):
    add(house, LEAD, LastName="松本", Phone="026-234-5678")
    assert run(house, load_settings(), 1).new_values == 2
    before = rows(house)
    assert run(house, load_settings(), 2).new_values == 0
    assert rows(house) == before
    add(house, LEAD, LastName="松本", Phone="026-234-5679")
    result = run(house, load_settings(), 3)
    assert (result.values, result.new_values) == (2, 1)
    assert rows(house)[LEAD]["phones"][0]["e164"] == "+81262345679"


def test_another_region_reads_the_numbers_anew(house):
    add(house, LEAD, Phone="650-253-0000")
    run(house, load_settings(), 1)
    run(house, load_settings().model_copy(update={"phone_region": "US"}), 2)
    assert rows(house)[LEAD]["phones"][0]["e164"] == "+16502530000"


class TestOwnWritesAreNoEvidence:
    """Law 49."""

    def test_a_value_that_we_wrote_counts_as_what_was_there_before(self, house):
        add(house, LEAD, LastName="松本次郎", Phone="026-234-5678")
        wrote(house, LEAD, "Phone", "026-234-5678", held_before=None)
        wrote(house, LEAD, "LastName", "松本次郎", held_before="松本")
        run(house, load_settings(), 1)
        person = rows(house)[LEAD]
        assert (person["phones"], person["family_key"], person["given_key"]) == ([], "松本", None)

    def test_so_does_what_the_crm_made_of_it(self, house):
        add(house, LEAD, Email="yamada@aaa.jp")
        wrote(house, LEAD, "Email", "Yamada@aaa.jp", observed="yamada@aaa.jp", held_before=None)
        run(house, load_settings(), 1)
        assert rows(house)[LEAD]["e_mails"] == []

    def test_an_edit_after_it_is_evidence(self, house):
        add(house, LEAD, Email="other@aaa.jp")
        wrote(house, LEAD, "Email", "yamada@aaa.jp", held_before=None)
        run(house, load_settings(), 1)
        assert rows(house)[LEAD]["e_mails"][0]["identity"] == "other@aaa.jp"

    def test_a_value_that_we_cleared_still_counts(self, house):
        add(house, LEAD, Email=None)
        wrote(house, LEAD, "Email", None, held_before="yamada@aaa.jp")
        run(house, load_settings(), 1)
        assert rows(house)[LEAD]["e_mails"][0]["identity"] == "yamada@aaa.jp"

    @pytest.mark.parametrize("here", [None, "", " "])
    def test_a_blank_that_we_wrote_is_blank_however_the_crm_gives_it(self, house, here):
        add(house, LEAD, LastName="松本次郎", FirstName=here)
        wrote(house, LEAD, "FirstName", "", held_before="次郎")
        wrote(house, LEAD, "LastName", "松本次郎", held_before="松本")
        run(house, load_settings(), 1)
        person = rows(house)[LEAD]
        assert (person["family_key"], person["given_key"]) == ("松本", "次郎")

    @pytest.mark.parametrize(
        ("name", "wrote_", "here", "column"),
        [
            ("Phone", "026-234-5678", "+81 26-234-5678", "phones"),
            ("Email", "yamada@aaa.jp", "Yamada@aaa.jp", "e_mails"),
        ],
    )
    def test_our_value_in_another_spelling_is_still_ours(self, house, name, wrote_, here, column):
        add(house, LEAD, **{name: here})
        wrote(house, LEAD, name, wrote_, held_before=None)
        run(house, load_settings(), 1)
        assert rows(house)[LEAD][column] == []

    def test_a_path_shows_what_its_record_held_before(self, house):
        for number, name in (("1", "株式会社山田製作所"), ("2", "松本商店")):
            add(house, f"salesforce/Account/{number}", Name=name)
            add(house, f"salesforce/Contact/{number}", **{"Account.Name": name})
            with house.connect() as connection:
                connection.execute(
                    "insert into raw.association values ('salesforce', 'Contact', ?, 'Account', ?, true, '')",
                    [number, number],
                )
        wrote(house, "salesforce/Account/1", "Name", "株式会社山田製作所", held_before="鈴木商店")
        run(house, load_settings(), 1)
        keys = {key: person["company_key"] for key, person in rows(house).items()}
        assert keys == {"salesforce/Contact/1": "鈴木商店", "salesforce/Contact/2": "松本商店"}

    @pytest.mark.parametrize(
        ("now", "before", "company"),
        [("2", "1", "hubspot/companies/1"), ("2", None, None), ("3", "1", "hubspot/companies/3")],
    )
    def test_an_employer_that_we_wrote_counts_as_the_one_before(self, house, now, before, company):
        for number in "123":
            add(house, f"hubspot/companies/{number}", name=f"会社{number}")
        add(house, "hubspot/contacts/7", lastname="松本")
        with house.connect() as connection:
            connection.execute(
                "insert into raw.association values ('hubspot', 'contacts', '7', 'companies', ?, true, '')", [now]
            )
        wrote(house, "hubspot/contacts/7", "associations.companies", "2", held_before=before)
        run(house, load_settings(), 1)
        assert rows(house)["hubspot/contacts/7"]["company_record_key"] == company
