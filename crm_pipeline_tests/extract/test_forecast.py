"""What a run is going to cost: foreseen before it reads, near what it then makes, and refused if it cannot end."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

from crm_pipeline import flow
from crm_pipeline.config import load_settings
from crm_pipeline.crm.cost import Reading
from crm_pipeline.crm.hubspot import cost as hubspot
from crm_pipeline.crm.salesforce import cost as salesforce
from crm_pipeline.emulator.organisation import generate, load
from crm_pipeline.errors import DailyLimitError
from crm_pipeline.extract.counted import counted
from crm_pipeline.extract.forecast import Forecast, Line, forecast
from crm_pipeline.model import System
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.mark.parametrize(
    ("reading", "route", "calls"),
    [
        (Reading("deals", live=0, changed=0, full=True), "list", 3),  # the count, an empty page, an empty archive
        (Reading("deals", live=1_000, changed=1_000, full=True), "list", 1 + 10 + 1 + 1 + 1),
        (Reading("contacts", live=1_000, changed=1_000, full=True, history=["email"]), "list", 1 + 20 + 1 + 1 + 1),
        (Reading("deals", live=100_000, changed=400), "search", 1 + 2 + 1 + 1),
        (Reading("contacts", live=100_000, changed=400, history=["email"]), "search", 1 + 2 + 8 + 1 + 1),
        (Reading("deals", live=1_000, changed=900), "list", 1 + 1 + 10 + 1 + 1),
        (Reading("deals", live=1_000, changed=0, gone=250), "search", 1 + 1 + 3 + 1),
        (Reading("deals", live=1_000, changed=0, compared=True), "search", 1 + 1 + 1 + 1 + 1 + 10),
    ],
)
def test_hubspot_costs_pages_searches_and_batches(reading, route, calls):
    assert hubspot.of_object(reading) == hubspot.Cost(route, calls)


def test_properties_that_fit_no_address_cost_a_batch_for_each_page():
    names = [f"a_property_with_a_long_name_{n}" for n in range(1_000)]
    reading = Reading("deals", live=1_000, changed=1_000, full=True)
    assert hubspot.of_object(replace(reading, fields=names)).calls == hubspot.of_object(reading).calls + 10


@pytest.mark.parametrize(
    ("reading", "route", "calls"),
    [
        (Reading("Case", live=0, changed=0, full=True), "query", 4),  # count, rows, recycle bin, deletions
        (Reading("Contact", live=10_000, changed=10_000, full=True), "query", 1 + 5 + 1 + 1 + 1),
        (Reading("Contact", live=10_000, changed=100), "query", 1 + 1 + 1 + 1),
        (Reading("Contact", live=10_000, changed=100, history=["Email"]), "query", 1 + 1 + 1 + 1 + 1),
        (Reading("Lead", live=1, changed=1, full=True), "query", 1 + 1 + 2 + 1 + 1),  # converted ones apart
    ],
)
def test_salesforce_costs_a_call_for_two_thousand_rows(reading, route, calls):
    assert salesforce.of_object(reading) == salesforce.Cost(route, calls)


def test_a_million_rows_cost_salesforce_a_job_and_not_five_hundred_queries():
    cost = salesforce.of_object(Reading("Contact", 1_000_000, 1_000_000, full=True, fields=["Id"] * 10))
    assert (cost.route, cost.calls < 50) == ("bulk", True)


def test_hubspot_relations_come_a_thousand_records_a_call_and_salesforce_s_are_fields():
    records = {("contacts", "companies"): 1_001, ("deals", "contacts"): 1}
    assert (hubspot.of_relations(records), salesforce.of_relations(records)) == (3, 0)


@pytest.mark.parametrize(("calls", "allowed", "sufficient"), [(10, 10, True), (11, 10, False), (11, None, True)])
def test_a_run_that_cannot_end_says_what_it_needs_and_what_there_is(calls, allowed, sufficient):
    found = Forecast(H, (Line("contacts", 0, 0, "list", calls),), allowed, 90, 100)
    assert found.sufficient is sufficient
    assert f"need about {calls} API calls, but may make {allowed or 0} today (90 of the day's 100" in str(
        found.shortage
    )


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    settings = load_settings()
    read = {
        H: {"deals": settings.mapping.read[H]["deals"]},
        S: {"Task": settings.mapping.read[S]["Task"]},
    }
    mapping = settings.mapping.model_copy(update={"read": read})
    folder: Path = tmp_path_factory.mktemp("forecast")
    with cloud(folder, settings.model_copy(update={"mapping": mapping})) as here:
        load(generate(1, size=0.05), here.hubspot, here.salesforce)
        for n in range(250):
            here.hubspot.create("deals", {"dealname": f"deal {n}"})
            here.salesforce.create("Task", {"Subject": f"task {n}"})
        here.wait(30 * 24 * 3600)
        yield here


def night(here: Cloud) -> None:
    """The extract of a night, by new clients."""
    here.wait(24 * 3600)
    here.crms = here.connect()
    here.runs += 1
    run = flow.Run(here.warehouse, here.settings, flow.begin(here.warehouse, here.settings, f"{here.runs}"), here.crms)
    for step in flow.steps(here.settings):
        if step.stage == "extract":
            step.do(run)


@pytest.mark.parametrize("which", ["first", "unchanged"])
def test_as_many_calls_are_made_as_were_foreseen(organisation, which):
    night(organisation)
    rows = organisation.execute(
        "select system, object, forecast, made from raw.call where run_id = ?", [organisation.runs]
    )
    assert len(rows) == 2 * 2 + len(organisation.settings.mapping.read_objects)
    for system, object_, foreseen, made in rows:
        assert abs(foreseen - made) <= max(4 if object_ == "schema" else 2, ceil(0.2 * made)), (
            which,
            system,
            object_,
            foreseen,
            made,
        )
    for system in System:
        foreseen, made = (sum(row[n] for row in rows if row[0] == system) for n in (2, 3))
        assert abs(foreseen - made) <= 0.2 * made


def test_a_forecast_of_everything_costs_more_than_one_of_changes(organisation):
    crm = organisation.connect()[H]
    everything, changes = (
        forecast(organisation.warehouse, crm, organisation.settings, full=full) for full in (True, False)
    )
    assert everything.calls > changes.calls
    assert {line.object: line.live for line in changes.lines}["deals"] == 250


def test_a_run_that_the_budget_cannot_carry_stops_before_it_reads(organisation):
    crms = organisation.connect(read_only=True)
    organisation.hubspot.limits.per_day = 50
    step = next(step for step in flow.steps(organisation.settings) if step.name == "hubspot_schema")
    organisation.clear_logs()
    with pytest.raises(
        DailyLimitError, match=r"HubSpot: this run would need about \d+ API calls, but may make 11 today"
    ):
        step.do(flow.Run(organisation.warehouse, organisation.settings, 99, crms))
    assert len(organisation.log[H].requests) <= 3
    assert organisation.execute("select sum(forecast) > 11, sum(made) from raw.call where run_id = 99") == [(True, 2)]


def test_calls_that_end_with_an_error_are_counted_as_well(organisation):
    crm = organisation.connect()[S]

    def fail() -> None:
        with counted(organisation.warehouse, [crm], 98, "Contact"):
            crm.count("Contact")
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
    # the token, the describe, and two counts
    assert organisation.execute("select forecast, made from raw.call where run_id = 98") == [(0, 4)]
