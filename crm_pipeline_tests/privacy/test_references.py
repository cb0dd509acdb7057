"""What refers to an erased person is neither cleared nor copied: nothing is decided about it."""

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import System
from crm_pipeline.privacy.erase import erase
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE
CONTACT, OTHER, CASE, DEAL = "0035g0000000001AAA", "0035g0000000002AAA", "5005g0000000001AAA", "0065g0000000001AAA"
AT = "2026-01-01T00:00:00+00:00"


def related(system, from_object, from_id, to_object, to_id):
    row = {"system": system, "from_object": from_object, "from_id": from_id, "to_object": to_object, "to_id": to_id}
    return row | {"is_primary": True}


@pytest.fixture
def world(tmp_path):
    """person-1 and person-2 on both sides; a deal with both of them and a ticket of person-1, agreed upon."""
    world = World(tmp_path, load_settings())
    world.record("person-1", H, "contacts", "151", {"lastname": "山田", "email": "yamada@aaa.jp"})
    world.record("person-1", S, "Contact", CONTACT, {"LastName": "山田", "Email": "yamada@aaa.jp"})
    world.record("person-2", H, "contacts", "152", {"lastname": "佐藤"})
    world.record("person-2", S, "Contact", OTHER, {"LastName": "佐藤"})
    world.record("deal-1", H, "deals", "5", {})
    world.record("deal-1", S, "Opportunity", DEAL, {})
    world.record("ticket-1", H, "tickets", "7", {})
    world.record("ticket-1", S, "Case", CASE, {"ContactId": CONTACT})
    bases = [
        *(("deal-1", key, f"people/person-{n}", [ids[n - 1]]) for n in (1, 2) for key, ids in DEALS.items()),
        ("ticket-1", "hubspot/tickets/7", "person", ["151"]),
        ("ticket-1", f"salesforce/Case/{CASE}", "person", [CONTACT]),
    ]
    with world.warehouse.connect() as connection:
        people = [related(H, "deals", "5", "contacts", one) for one in ("151", "152")]
        people += [related(S, "Opportunity", DEAL, "Contact", one) for one in (CONTACT, OTHER)]
        people += [related(H, "tickets", "7", "contacts", "151"), related(S, "Case", CASE, "Contact", CONTACT)]
        insert(connection, "raw.association", people)
        read = ("deals/contacts", "Opportunity/Contact", "tickets/contacts", "Case/Contact")
        marks = [{"system": H if one[0].islower() else S, "object": one, "read_until": AT} for one in read]
        insert(connection, "raw.watermark", [{**one, "fields_hash": "", "run_id": 1} for one in marks])
        insert(
            connection,
            "state.base",
            [{"golden_id": g, "record_key": k, "field": f, "value": v, "run_id": 1} for g, k, f, v in bases],
        )
    return world


DEALS = {"hubspot/deals/5": ("151", "152"), f"salesforce/Opportunity/{DEAL}": (CONTACT, OTHER)}


def of_references(world):
    world.plan()
    rows = world.execute(
        "select object, field, new::varchar, problem from plan.change "
        "where plan_id = (select max(plan_id) from plan.plan) and split_part(field, '/', 1) in ('people', 'person')"
    )
    return sorted(rows)


def forget(world):
    with world.warehouse.connect() as connection:
        erase(connection, world.settings, "person-1", "監査")
        # the CRMs say so again, as they still have the person
        insert(connection, "raw.association", [related(H, "deals", "5", "contacts", "151")])
        insert(connection, "raw.association", [related(H, "tickets", "7", "contacts", "151")])


def test_law_44_no_reference_to_an_erased_person_is_cleared_or_copied(world):
    assert of_references(world) == []
    forget(world)
    assert of_references(world) == []


def test_law_44_a_reference_that_goes_with_the_person_in_one_crm_stays_in_the_other(world):
    forget(world)
    world.execute("update raw.salesforce_case set fields = json_object('ContactId', null)")
    assert of_references(world) == []


def test_law_44_references_to_others_are_synced_as_before(world):
    forget(world)
    world.execute("delete from raw.association where from_object = 'Opportunity' and to_id = ?", [OTHER])
    assert [(object_, field) for object_, field, *_ in of_references(world)] == [("deals", "people/person-2")]
