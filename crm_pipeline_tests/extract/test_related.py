"""HubSpot's relations: asked for where something changed, kept where nothing can be asked."""

from datetime import timedelta

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.emulator.faults import Status
from crm_pipeline.errors import PermanentError, TransientError, WarehouseError
from crm_pipeline.extract.relations import related
from crm_pipeline.model import System
from crm_pipeline_tests.extract.ground import put

_OBJECTS = ("contacts", "companies", "deals", "tickets", "tasks", "calls", "emails", "meetings", "notes")


class Portal:
    """The world's HubSpot, whose records are taken over into the warehouse as they are."""

    def __init__(self, world) -> None:
        self.world = world
        self.hubspot = world.hubspot
        self.run_id = 1

    def take_over(self, *, retired=(), changed=None):
        """As if a run had read the records, changed an hour ago: all of them, or those `changed` ({object: ids})."""
        now = self.world.clock.now()
        times = {"run_id": self.run_id, "at": now - timedelta(hours=1), "until": now}
        with self.world.warehouse.connect() as connection:
            for object_ in _OBJECTS:
                ids = self.hubspot.ids(object_) if changed is None else changed.get(object_, ())
                put(connection, System.HUBSPOT, object_, {one: {} for one in ids}, **times)
            for object_, record_id in retired:
                put(connection, System.HUBSPOT, object_, {record_id: {}}, **times, retired="deleted")

    def relate(self, *, full=False):
        self.world.log.clear()
        try:
            return related.relate(
                self.world.warehouse, self.world.crms[System.HUBSPOT], self.world.settings, self.run_id, full=full
            )
        finally:
            self.run_id += 1
            self.world.clock.advance(3600)

    @property
    def calls(self):
        return [request.path for request in self.world.log.requests if "/associations/" in request.path]

    def rows(self, columns="from_object, from_id, to_object, to_id, is_primary"):
        return set(self.world.rows(f"select {columns} from raw.association"))


@pytest.fixture
def portal(world):
    world.settings = load_settings()
    return Portal(world)


@pytest.fixture
def deal(portal):
    """(company, contact, deal), all of them related; the company is primary."""
    company = portal.hubspot.create("companies", {"name": "山田製作所"})
    contact = portal.hubspot.create("contacts", {"lastname": "山田"})
    deal = portal.hubspot.create("deals", {"dealname": "保守"})
    portal.hubspot.associate("contacts", contact, "companies", company, 1)
    portal.hubspot.associate("deals", deal, "companies", company, 5)
    portal.hubspot.associate("deals", deal, "contacts", contact, 3)
    return company, contact, deal


def test_every_relation_arrives(portal, deal):
    company, contact, deal_id = deal
    ticket = portal.hubspot.create("tickets", {"subject": "故障"})
    call = portal.hubspot.create("calls", {"hs_call_title": "電話", "hs_timestamp": "2026-11-20T09:00:00Z"})
    portal.hubspot.associate("tickets", ticket, "companies", company, 339)
    portal.hubspot.associate("tickets", ticket, "contacts", contact, 16)
    for to_object, to_id, kind in (
        ("contacts", contact, 194),
        ("companies", company, 182),
        ("deals", deal_id, 206),
        ("tickets", ticket, 220),
    ):
        portal.hubspot.associate("calls", call, to_object, to_id, kind)
    portal.take_over()
    assert portal.relate()[1:] == (9, [])
    assert portal.rows() == {
        ("contacts", contact, "companies", company, True),
        ("deals", deal_id, "companies", company, True),
        ("deals", deal_id, "contacts", contact, False),
        ("tickets", ticket, "companies", company, True),
        ("tickets", ticket, "contacts", contact, False),
        ("calls", call, "contacts", contact, False),
        ("calls", call, "companies", company, False),
        ("calls", call, "deals", deal_id, False),
        ("calls", call, "tickets", ticket, False),
    }


def test_a_label_is_kept(portal, deal):
    company, contact, _ = deal
    portal.hubspot.associations.types.define("contacts", "companies", "adviser", "顧問", None)
    kind = portal.hubspot.associations.types.named("contacts", "companies", "adviser")
    portal.hubspot.associations.add("contacts", contact, "companies", company, kind)
    portal.take_over()
    portal.relate()
    assert ("contacts", True, "顧問") in portal.rows("from_object, is_primary, label")


def test_a_night_without_changes_asks_nothing_and_reading_everything_again_writes_nothing(portal, deal):
    portal.take_over()
    portal.relate()
    portal.take_over(changed={})
    assert portal.relate() == (0, 0, [])
    assert portal.calls == []
    assert portal.relate(full=True)[1:] == (0, [])
    assert portal.calls


@pytest.mark.parametrize("end", ["contacts", "companies"])
def test_a_change_at_either_end_is_seen(portal, deal, end):
    company, contact, _ = deal
    other = portal.hubspot.create("companies", {"name": "鈴木商店"})
    portal.take_over()
    portal.relate()
    portal.hubspot.associations.remove("contacts", contact, "companies", company)
    portal.hubspot.associate("contacts", contact, "companies", other, 1)
    portal.take_over(changed={"contacts": [contact]} if end == "contacts" else {"companies": [company, other]})
    portal.relate()
    assert {row for row in portal.rows() if row[0] == "contacts"} == {("contacts", contact, "companies", other, True)}


def test_a_changed_company_with_the_same_people_costs_no_call_for_them(portal, deal):
    company, _, _ = deal
    portal.take_over()
    portal.relate()
    portal.take_over(changed={"companies": [company]})
    assert portal.relate()[1] == 0
    assert [path for path in portal.calls if path.endswith("contacts/companies/batch/read")] == []
    assert len([path for path in portal.calls if path.endswith("companies/contacts/batch/read")]) == 1


def test_relations_of_gone_records_go(portal, deal):
    company, _, deal_id = deal
    portal.take_over()
    portal.relate()
    portal.hubspot.archive("deals", deal_id)
    portal.hubspot.archive("companies", company)
    portal.take_over(changed={}, retired=[("deals", deal_id), ("companies", company)])
    portal.relate()
    assert portal.rows() == set()


def test_relations_are_all_read_again_from_time_to_time(portal, deal):
    company, contact, _ = deal
    portal.take_over()
    portal.relate()
    portal.hubspot.associations.remove("contacts", contact, "companies", company)  # without a trace
    portal.world.clock.advance(6 * 86_400)
    portal.take_over(changed={})
    portal.relate()
    assert len(portal.rows()) == 3
    portal.world.clock.advance(86_400)
    portal.take_over(changed={})
    portal.relate()
    assert len(portal.rows()) == 2


def test_a_missing_scope_empties_nothing_and_is_named(portal, deal):
    settings = portal.world.settings
    only_read = settings.mapping.model_copy(update={"deal": None})
    portal.world.settings = settings.model_copy(update={"mapping": only_read})
    portal.take_over()
    portal.relate()
    before = portal.rows()
    portal.hubspot.scopes.discard("crm.objects.deals.read")
    portal.take_over(changed={})
    _, written, unknown = portal.relate(full=True)
    assert (portal.rows(), written) == (before, 0)
    assert {sentence.split()[1] for sentence in unknown} == {"deals/companies", "deals/contacts"}


@pytest.mark.parametrize("needed", ["companies", "deals"])
def test_a_scope_that_synced_records_need_stops_the_step(portal, deal, needed):
    portal.take_over()
    portal.hubspot.scopes.discard(f"crm.objects.{needed}.read")
    with pytest.raises(PermanentError):
        portal.relate()


def test_an_interrupted_read_empties_nothing_and_goes_on(portal, deal):
    portal.take_over()
    portal.world.faults.add(method="POST", path="deals/contacts/batch/read", action=Status(400, {"message": "no"}))
    with pytest.raises(PermanentError):
        portal.relate()
    assert {row[:3:2] for row in portal.rows()} == {("contacts", "companies"), ("deals", "companies")}
    portal.relate()
    assert len(portal.rows()) == 3
    assert [path for path in portal.calls if "contacts/companies" in path] == []


def test_an_answer_that_is_not_whole_empties_nothing(portal, deal):
    portal.take_over()
    portal.relate()
    before = portal.rows()
    error = {"status": "error", "category": "INTERNAL_ERROR", "message": "no", "context": {"fromObjectId": [deal[1]]}}
    body = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [error]}
    portal.world.faults.add(method="POST", path="contacts/companies/batch/read", action=Status(207, body))
    with pytest.raises(TransientError, match="did not answer for all associations of contacts with companies"):
        portal.relate(full=True)
    assert portal.rows() == before


def test_records_are_asked_for_in_batches(portal, deal, monkeypatch):
    monkeypatch.setattr(related, "_BATCH", 2)
    contacts = portal.world.contacts(4)
    for contact in contacts:
        portal.hubspot.associate("contacts", contact, "companies", deal[0], 1)
    portal.take_over()
    portal.relate()
    assert len({row for row in portal.rows() if row[0] == "contacts"}) == 5
    assert len([path for path in portal.calls if path.endswith("contacts/companies/batch/read")]) == 3


def test_mapped_records_come_before_their_relations(portal):
    with pytest.raises(WarehouseError, match="HubSpot contacts have not been read yet"):
        portal.relate()
