import json

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.errors import ConfigError, WarehouseError
from crm_pipeline.match import stage
from crm_pipeline.match.model.file import candidate, place, previous, read
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.records import mailbox, person
from crm_pipeline_tests.match.records import warehouse as filled

CONTACT, LEAD = "hubspot/contacts/1", "salesforce/Lead/1"
VALUES = {"birth_date": "1988-04-09", "e_mails": [mailbox("m@yamane.jp")]}


@pytest.fixture
def house(home):
    """Two records of one person, matched with the models of the first run."""
    rows = [person(key, "yamane", "shirou", **VALUES) for key in (CONTACT, LEAD)]
    found = filled(home, rows)
    stage.run(found, load_settings(), 1)
    return found


@pytest.fixture
def model(house):
    return place(house.path, Kind.PERSON)


def add(house, number):
    with house.connect() as connection:
        connection.execute(
            "insert into normalise.person "
            "select * replace (? as record_key) from normalise.person where record_key = ?",
            [f"hubspot/contacts/{number}", CONTACT],
        )


def test_the_same_records_make_the_same_models(cli, model):
    assert cli("train").splitlines() == [
        "company: the model stays as it is",
        "person: the model stays as it is",
    ]
    assert not candidate(model).exists()


def test_new_records_make_another_model_which_waits_beside_the_present_one(cli, house, model):
    before = read(model)
    add(house, 2)
    shown = cli("train")
    assert "records of hubspot: 1 -> 2" in shown
    assert f"crm-pipeline match-diff --model {candidate(model)}" in shown
    assert "yamane" not in shown
    assert read(model) == before
    assert read(candidate(model)).records == {"hubspot": 2, "salesforce": 1}


def test_applied_it_is_the_model_and_the_one_before_is_kept(cli, house, model):
    before = read(model)
    add(house, 2)
    cli("train", "--apply")
    assert (read(model).records["hubspot"], read(previous(model))) == (2, before)


@pytest.mark.parametrize("damage", ['{"format"', "[]", "the company's"])
def test_a_model_that_cannot_be_used_is_replaced_and_kept(cli, house, model, damage):
    before = read(model)
    company = place(house.path, Kind.COMPANY)
    text = company.read_text("utf-8") if damage.startswith("the") else damage
    model.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="train --apply"):
        stage.run(house, load_settings(), 2)
    cli("train", "--apply")
    assert read(model) == before
    assert previous(model).read_text("utf-8") == text
    stage.run(house, load_settings(), 2)


def test_training_needs_a_warehouse(cli):
    with pytest.raises(WarehouseError, match="run the pipeline once first"):
        cli("train")


def test_other_thresholds_are_shown_as_the_customers_they_change(cli, house, home):
    other = home / "other.yaml"
    other.write_text("match: {auto: 0.999999999999}", encoding="utf-8")
    assert cli("match-diff", "--settings", str(other)).splitlines() == [
        "company: no customer changes",
        "person: 1 split",
        f"  split   {CONTACT} + {LEAD}  ->  {CONTACT} | {LEAD}",
        "       1  auto -> recommended",
        f"  auto -> recommended  {CONTACT}  {LEAD}",
    ]
    found = json.loads(cli("match-diff", "--settings", str(other), "--json"))
    assert found[1]["pairs"] == [{"left_key": CONTACT, "right_key": LEAD, "before": "auto", "after": "recommended"}]


def test_the_present_model_changes_nothing(cli, model):
    assert cli("match-diff", "--model", str(model)).splitlines() == [
        "company: no customer changes",
        "person: no customer changes",
    ]


def test_a_long_list_is_cut_and_says_so(cli, house, home):
    other = home / "other.yaml"
    other.write_text("match: {auto: 0.999999999999}", encoding="utf-8")
    assert "  1 more; --limit or --json shows them" in cli("match-diff", "--settings", str(other), "--limit", "0")


def test_there_has_to_be_something_to_compare_with(cli, model):
    with pytest.raises(ConfigError, match="--settings FILE"):
        cli("match-diff")
    with pytest.raises(ConfigError, match="both models of person"):
        cli("match-diff", "--model", str(model), "--model", str(model))
