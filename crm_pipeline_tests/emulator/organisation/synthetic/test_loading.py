"""A synthetic organisation arrives whole in either CRM, valid by the platform's own rules, with the truth about it."""

import csv
from collections import Counter

import duckdb
import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.synthetic import Synthetic, load_hubspot, load_salesforce, write_truth
from crm_pipeline.emulator.organisation.synthetic.sizes import HUBSPOT_SHARES, SALESFORCE_SHARES
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.errors import ConfigError

ORGANISATION = Synthetic(1_500, seed=5)
HUBSPOT_TRUTH, SALESFORCE_TRUTH = ("contacts", "companies"), ("Lead", "Contact", "Account")


class CreatingHubSpot(HubSpotStore):
    """A portal in which what is imported is created and edited as if by users, with all of the API's checks."""

    def import_records(self, object_, records):
        return [self._enter(object_, record) for record in records]

    def _enter(self, object_, record):
        self.clock.set(record.created_at)
        at_first = {**record.fields, **record.before}
        record_id = self.create(object_, {name: value for name, value in at_first.items() if value is not None})
        if record.before:
            self.clock.set(record.modified_at)
            self.update(object_, record_id, {name: record.fields.get(name, "") for name in record.before})
        return record_id


class CreatingSalesforce(SalesforceStore):
    """An organisation in which users do the same; what the platform fills in itself is not given."""

    def import_records(self, object_, records):
        fields = self.schema.objects[object_].fields
        names = {name for name, field in fields.items() if field.createable}
        if object_ == "Opportunity":
            names -= {"ContactId"}  # would make the contact role that is created next
        return [self._enter(object_, record, names) for record in records]

    def _enter(self, object_, record, names):
        self.clock.set(record.created_at)
        at_first = {**record.fields, **record.before}
        author = record.fields.get("OwnerId")
        record_id = self.create(object_, {name: at_first[name] for name in at_first.keys() & names}, user_id=author)
        if record.before:
            self.clock.set(record.modified_at)
            edited = {name: record.fields.get(name) for name in record.before}
            self.update(object_, record_id, edited, user_id=author)
        return record_id


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    load_hubspot(ORGANISATION, hubspot, truth=folder / "hubspot.csv")
    load_salesforce(ORGANISATION, salesforce, truth=folder / "salesforce.csv")
    return hubspot, salesforce, folder


@pytest.fixture(scope="module")
def created():
    """Both CRMs with the same records, each accepted by the platform's own rules."""
    hubspot, salesforce = CreatingHubSpot(), CreatingSalesforce()
    load_hubspot(ORGANISATION, hubspot)
    load_salesforce(ORGANISATION, salesforce)
    return hubspot, salesforce


def test_both_platforms_would_accept_every_record(created):
    hubspot, salesforce = created

    assert sum(len(hubspot.ids(object_)) for object_ in HUBSPOT_SHARES) == ORGANISATION.records
    assert sum(len(salesforce.ids(object_)) for object_ in SALESFORCE_SHARES) == ORGANISATION.records


def test_everything_is_loaded(loaded):
    hubspot, salesforce, _ = loaded

    assert sum(len(hubspot.ids(object_)) for object_ in HUBSPOT_SHARES) == ORGANISATION.records
    assert sum(len(salesforce.ids(object_)) for object_ in SALESFORCE_SHARES) == ORGANISATION.records


def test_what_is_imported_reads_as_if_users_had_entered_it(loaded, created):
    moved_by_activities = ("SystemModstamp", "HasOpenActivity", "HasOverdueTask")
    for imported, entered, objects in zip(loaded[:2], created, (HUBSPOT_SHARES, SALESFORCE_SHARES), strict=True):
        for object_ in objects:
            for record_id, other_id in zip(imported.ids(object_), entered.ids(object_), strict=True):
                one, other = imported.read(object_, record_id), entered.read(object_, other_id)
                for name in moved_by_activities:
                    one.pop(name, None)
                    other.pop(name, None)
                assert one == other


def test_an_opportunity_with_an_open_task_says_so(loaded):
    _, salesforce, _ = loaded
    tasks = [salesforce.read("Task", task) for task in salesforce.ids("Task")]
    busy = {task["WhatId"] for task in tasks if not task["IsClosed"] and (task["WhatId"] or "").startswith("006")}

    assert busy
    assert busy == {o for o in salesforce.ids("Opportunity") if salesforce.read("Opportunity", o)["HasOpenActivity"]}


def test_everybody_has_an_owner_who_exists(loaded):
    hubspot, salesforce, _ = loaded
    for object_ in HUBSPOT_SHARES:
        owners = [record.get("hubspot_owner_id") for record in hubspot.objects(object_).values()]
        assert {owner for owner in owners if owner} <= hubspot.owners.keys()
        assert any(owners)
    users = set(salesforce.ids("User"))
    assert all(salesforce.read("Lead", lead)["OwnerId"] in users for lead in salesforce.ids("Lead"))


def test_contacts_deals_tickets_and_activities_are_associated(loaded):
    hubspot, _, _ = loaded

    for from_object, to_object, share in (
        ("contacts", "companies", 0.4),
        ("deals", "companies", 0.9),
        ("deals", "contacts", 0.5),
        ("tickets", "contacts", 0.9),
        ("calls", "contacts", 0.7),
        ("notes", "companies", 0.4),
        ("tasks", "deals", 0.15),
    ):
        ids = hubspot.ids(from_object)
        linked = [record_id for record_id in ids if hubspot.associations.of(from_object, record_id, to_object)]
        assert len(linked) / len(ids) > share, (from_object, to_object)


def test_a_task_of_a_lead_is_about_nothing_else_and_others_are(loaded):
    _, salesforce, _ = loaded
    kinds = Counter()
    for object_ in ("Task", "Event"):
        for record_id in salesforce.ids(object_):
            record = salesforce.read(object_, record_id)
            kinds[(record["WhoId"] or "---")[:3], (record["WhatId"] or "---")[:3]] += 1

    assert kinds["00Q", "---"] > 10
    assert kinds["003", "001"] > 10
    assert kinds["003", "006"] > 5
    assert not any(who == "00Q" and what != "---" for who, what in kinds)


def test_the_truth_names_every_record_of_a_person_or_company_once(loaded):
    hubspot, salesforce, folder = loaded
    for path, store, objects in (
        (folder / "hubspot.csv", hubspot, HUBSPOT_TRUTH),
        (folder / "salesforce.csv", salesforce, SALESFORCE_TRUTH),
    ):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == ["system", "object", "id", "entity"]
        named = sorted((row["object"], row["id"]) for row in rows)
        assert named == sorted((object_, record_id) for object_ in objects for record_id in store.ids(object_))


@pytest.mark.parametrize("name", ["truth.csv", "it's truth.parquet"])
def test_the_truth_of_both_crms_is_one_table(loaded, tmp_path, name):
    _, _, folder = loaded
    parts = [folder / "hubspot.csv", folder / "salesforce.csv"]
    write_truth(parts, tmp_path / name)

    with duckdb.connect() as connection:
        read = connection.read_parquet if name.endswith("parquet") else connection.read_csv
        rows = read(str(tmp_path / name)).fetchall()
        both = connection.execute(
            "SELECT count(*) FROM (SELECT entity FROM read_csv(?) GROUP BY entity HAVING count(DISTINCT system) = 2)",
            [[str(part) for part in parts]],
        ).fetchone()
    assert len(rows) == sum(len(part.read_text("utf-8").splitlines()) - 1 for part in parts)
    assert both[0] > 300


def test_the_truth_has_a_known_format(tmp_path):
    with pytest.raises(ConfigError, match=r"\.csv or \.parquet"):
        write_truth([], tmp_path / "truth.xlsx")


def test_progress_is_told_after_every_district():
    told = []
    load_hubspot(Synthetic(12_000), HubSpotStore(), progress=lambda done, total: told.append((done, total)))

    assert told == [(10_000, 12_000), (12_000, 12_000)]
