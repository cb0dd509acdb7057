"""The guide's example is read from CSV, and a mistake in a file is named with its line."""

from pathlib import Path

import pytest

from crm_pipeline.emulator.organisation import guide
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

DEMO = Path(__file__).parents[3] / "data" / "demo"
CONTACTS, LEADS = (System.HUBSPOT, "contacts"), (System.SALESFORCE, "Lead")


def test_the_example_of_the_guide_is_in_the_demo_folder():
    example = guide(DEMO)

    yamada, matsumoto = (record.fields for record in example.records[CONTACTS])
    assert (yamada["lastname"], yamada["firstname"], yamada["email"], yamada["phone"]) == ("山田", "太郎", None, None)
    assert (yamada["state"], yamada["city"], yamada["address"]) == ("長野県", "長野市", "吉田一丁目")
    assert (matsumoto["email"], matsumoto["phone"], matsumoto["birth_date"]) == (
        "mathu@bbb.co.jp",
        "000-111-2222",
        "2000-08-12",
    )
    yamada, matsumoto = (record.fields for record in example.records[LEADS])
    assert (yamada["Legacy_No__c"], yamada["Email"], yamada["Phone"]) == ("0000001", "yamada@aaa.jp", "026-000-0000")
    assert (matsumoto["FirstName"], matsumoto["Industry"], matsumoto["Email"]) == ("次郎", "建設業", None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lastname,", "surname,", "hubspot_contacts.csv line 1: the header must be lastname,firstname"),
        ("松本,,", "松本,", "line 3: 7 cells, but the header names 8"),
        ("松本,", ",", "line 3: lastname is empty"),
        ("1988-04-09", "1988/4/9", "line 2: birth_date is not a date; write it as 1988-04-09"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, old, new, message):
    for file in DEMO.glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    contacts = tmp_path / "hubspot_contacts.csv"
    contacts.write_text(contacts.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(ConfigError, match=message):
        guide(tmp_path)


def test_a_file_that_is_not_there_or_not_utf_8_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"hubspot_contacts\.csv does not exist"):
        guide(tmp_path)
    (tmp_path / "hubspot_contacts.csv").write_bytes("山田".encode("cp932"))
    with pytest.raises(ConfigError, match=r"hubspot_contacts\.csv is not UTF-8"):
        guide(tmp_path)
