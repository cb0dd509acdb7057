import random

import pytest

from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.file import place, read
from crm_pipeline.match.model.train import current, train
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.model.organisation import people
from crm_pipeline_tests.match.records import company, fill, mailbox, matched, person, settings, warehouse


def trained(folder, rows, companies=()):
    folder.mkdir(exist_ok=True)
    with warehouse(folder, list(rows), list(companies)).connect() as connection:
        return train(connection, Kind.PERSON, PERSON, settings())


def start_weights(comparisons):
    return {(c.name, level.name): level.weight for c in comparisons for level in c.levels}


def test_records_in_any_order_make_the_same_model(tmp_path):
    rows = people(220, 80)
    shuffled = random.Random(7).sample(rows, len(rows))
    assert trained(tmp_path / "one", rows) == trained(tmp_path / "other", shuffled)


def test_the_odds_follow_the_customers_that_are_in_both(tmp_path):
    many, none = trained(tmp_path / "many", people(300, 150)), trained(tmp_path / "none", people(300, 0))
    assert many.prior["hubspot", "salesforce"] == pytest.approx(150 / (300 * 150), rel=0.2)
    assert none.prior["hubspot", "hubspot"] < 0.05 / 300
    assert none.weights == start_weights(PERSON)


def test_every_customer_five_times_is_seen(tmp_path):
    rows = people(60, 0)
    five = [{**row, "record_key": f"{row['record_key']}-{n}", "record_id": str(n)} for row in rows for n in range(5)]
    model = trained(tmp_path / "five", five)
    assert model.prior["hubspot", "hubspot"] == pytest.approx(4 / 299, rel=0.2)


@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_few_records_start_from_the_start_weights(tmp_path, count):
    model = trained(tmp_path / "few", people(count, count // 2))
    assert model.weights == start_weights(PERSON)


@pytest.mark.parametrize(
    "values",
    [{}, {"family_key": "sato", "given_key": "taro", "birth_date": "1988-04-09", "e_mails": [mailbox("a@a.jp")]}],
    ids=["empty columns", "all equal"],
)
def test_records_that_say_nothing_or_all_the_same_break_nothing(tmp_path, values):
    rows = [person(f"hubspot/contacts/{n}", family=None, given=None, **values) for n in range(210)]
    model = trained(tmp_path / "odd", rows)
    assert all(0 < odds <= 5 / 210 for odds in model.prior.values())


def test_the_first_run_makes_the_model_and_later_ones_keep_it(tmp_path):
    house, match = (
        warehouse(tmp_path, people(220, 80)),
        settings().model_copy(update={"warehouse": tmp_path / "crm.duckdb"}),
    )
    with house.connect() as connection:
        first = current(connection, Kind.PERSON, PERSON, match)
    fill(house, people(260, 100))
    with house.connect() as connection:
        assert current(connection, Kind.PERSON, PERSON, match) == first == read(place(match.warehouse, Kind.PERSON))
        assert train(connection, Kind.PERSON, PERSON, match).version != first.version


def test_a_night_says_when_its_models_have_become_old(tmp_path):
    house = warehouse(tmp_path, people(10, 0))
    assert matched(house).explained == ""
    fill(house, people(30, 0))
    assert "hubspot has 30 person records, the model was made from 10" in matched(house).explained


def test_companies_have_a_model_of_their_own(tmp_path):
    firms = [company(f"hubspot/companies/{n}", f"name{n % 150}", city="長野市") for n in range(210)]
    with warehouse(tmp_path, [], firms).connect() as connection:
        model = train(connection, Kind.COMPANY, COMPANY, settings())
    assert (model.kind, model.records) == ("company", {"hubspot": 210})
    assert model.terms["city"].shares["長野市"] > 0.5


def test_a_model_of_a_few_records_is_made_anew_once_there_are_enough(tmp_path):
    """Its odds are those of a small organisation: kept, they would link strangers in a large one."""
    house = warehouse(tmp_path, people(20, 10))
    matched(house)
    small = read(place(house.path, Kind.PERSON))
    fill(house, people(220, 80))
    matched(house)
    large = read(place(house.path, Kind.PERSON))
    assert sum(small.records.values()) < 200 < sum(large.records.values())
    assert large.prior["hubspot", "salesforce"] < small.prior["hubspot", "salesforce"] / 5
    fill(house, people(300, 80))
    matched(house)
    assert read(place(house.path, Kind.PERSON)) == large
