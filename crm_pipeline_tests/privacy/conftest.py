"""A warehouse with two people, an activity of each and one of both."""

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

AT = "2026-11-23T00:00:00+00:00"
YAMADA, LEAD, SATO = "hubspot/contacts/151", "salesforce/Lead/00Q1", "hubspot/contacts/152"


def record(record_id, **fields):
    row = {"record_id": record_id, "created_at": AT, "modified_at": AT, "modified_by": "u", "changed": {}}
    return row | {"fields": fields, "retired": fields.pop("retired", None), "run_id": 1}


def link(golden_id, key, *, retired=None):
    system, object_, record_id = key.split("/")
    row = {"golden_id": golden_id, "kind": golden_id.split("-")[0], "record_key": key, "system": system}
    return row | {"object": object_, "record_id": record_id, "is_primary": True, "retired": retired, "since_run": 1}


def related(from_key, to_key):
    system, from_object, from_id = from_key.split("/")
    _, to_object, to_id = to_key.split("/")
    row = {"system": system, "from_object": from_object, "from_id": from_id, "to_object": to_object, "to_id": to_id}
    return row | {"is_primary": True}


@pytest.fixture(scope="session")
def settings():
    return load_settings()


@pytest.fixture
def warehouse(tmp_path):
    """person-1 山田: contact 151 and a lead; person-2 佐藤: contact 152. Notes: 1 of 山田, 2 of both."""
    warehouse = Warehouse(tmp_path / "crm.duckdb")
    with warehouse.connect() as connection:
        yamada = {"lastname": "山田", "firstname": "太郎", "email": "Yamada@aaa.jp", "phone": "026-222-3333"}
        sato = {"lastname": "佐藤", "email": "sato@aaa.jp", "hs_additional_emails": "info@aaa.jp;sato2@aaa.jp"}
        insert(connection, "raw.hubspot_contacts", [record("151", **yamada), record("152", **sato)])
        lead = {"LastName": "山田", "FirstName": "太郎", "Email": "info@aaa.jp", "MobilePhone": "090-1111-2222"}
        insert(connection, "raw.salesforce_lead", [record("00Q1", **lead)])
        insert(connection, "raw.hubspot_notes", [record("1", hs_note_body="山田様"), record("2", hs_note_body="会議")])
        notes = [("1", YAMADA), ("2", YAMADA), ("2", SATO)]
        insert(connection, "raw.association", [related(f"hubspot/notes/{note}", key) for note, key in notes])
        links = [("person-1", YAMADA), ("person-1", LEAD), ("person-2", SATO), ("company-1", "hubspot/companies/1")]
        insert(connection, "golden.link", [link(*one) for one in links])
    return warehouse
