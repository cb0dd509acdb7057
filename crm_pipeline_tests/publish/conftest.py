"""A warehouse after a run: two customers known to both CRMs, one to Salesforce only, one retired record."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.publish import stage
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

_AT = datetime(2026, 11, 23, tzinfo=UTC).isoformat()


def _record(record_id, run_id=1, retired=None, **fields):
    return {
        "record_id": record_id,
        "created_at": _AT,
        "modified_at": _AT,
        "modified_by": "u",
        "fields": fields,
        "changed": {},
        "retired": retired,
        "run_id": run_id,
    }


def _link(golden_id, system, object_, record_id, retired=None):
    return {
        "golden_id": golden_id,
        "kind": golden_id.split("-")[0],
        "record_key": f"{system}/{object_}/{record_id}",
        "system": system,
        "object": object_,
        "record_id": record_id,
        "is_primary": True,
        "retired": retired,
        "since_run": 1,
    }


def _value(golden_id, field, part, value):
    return {
        "golden_id": golden_id,
        "field": field,
        "part": part,
        "value": value,
        "record_key": None,
        "rule": "primary",
        "losing": [],
    }


def operation(op_id, system, object_, record_id, field, old, new, state="landed", run_id=1, plan_id=1, **more):
    """Rows of plan.change, push.outbox and push.audit for one operation."""
    name = more.get("operation", "update")
    common = {"plan_id": plan_id, "op_id": op_id, "system": system, "object": object_, "record_id": record_id}
    common |= {
        "operation": name,
        "field": field,
        "old": old,
        "new": new,
        "golden_id": more.get("golden_id", "person-1"),
    }
    rule = {"rule": "prefer_salesforce", "reason": "Salesforce has a value"}
    change = {**common, **rule, "seq": 0, "kind": "person", "fingerprint": op_id, "source_key": more.get("source_key")}
    outbox = {
        **common,
        "run_id": run_id,
        "request_id": op_id,
        "state": state,
        "observed": more.get("observed"),
        "message": more.get("message"),
        "sent_at": _AT,
        "ended_at": _AT,
    }
    audit = {**common, **rule, "run_id": run_id, "written_at": _AT}
    return change, outbox, audit


def add_operations(warehouse, *operations):
    with warehouse.connect() as connection:
        for change, outbox, audit in operations:
            insert(connection, "plan.change", [change])
            insert(connection, "push.outbox", [outbox])
            insert(connection, "push.audit", [audit])


def add_plan(warehouse, plan_id=1, state="applied", changes=(), purpose="sync"):
    with warehouse.connect() as connection:
        plan = {"plan_id": plan_id, "run_id": plan_id, "hash": "h", "state": state, "why": "", "mapping_hash": "m"}
        plan |= {"purpose": purpose, "schema_hash": "s"}
        insert(connection, "plan.plan", [{**plan, "created_at": _AT, "expires_at": _AT}])
        insert(connection, "plan.change", list(changes))


def settings_in(folder: Path):
    """Settings whose databases are in the folder."""
    own = folder / "settings.yaml"
    own.write_text(f"published: {folder / 'published.duckdb'}\nwarehouse: {folder / 'crm.duckdb'}\n")
    return load_settings(own)


@pytest.fixture
def settings(tmp_path: Path):
    return settings_in(tmp_path)


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """The file of `warehouse`, to be copied."""
    warehouse = Warehouse(tmp_path_factory.mktemp("filled") / "crm.duckdb")
    _fill(warehouse)
    return warehouse.path


@pytest.fixture
def warehouse(settings, filled):
    """As `_fill` makes it, and nothing published yet."""
    shutil.copyfile(filled, settings.warehouse)
    return Warehouse(settings.warehouse)


@pytest.fixture(scope="session")
def as_read(tmp_path_factory, filled):
    """Settings of `warehouse` published as it is: for tests that change nothing."""
    settings = settings_in(tmp_path_factory.mktemp("as_read"))
    shutil.copyfile(filled, settings.warehouse)
    stage.run(Warehouse(settings.warehouse), settings, 1)
    return settings


def _fill(warehouse):
    """person-1: 山田 in both; person-2: 松本, lead only, in review; company-1: an account; a merged contact."""
    with warehouse.connect() as connection:
        insert(
            connection,
            "raw.hubspot_contacts",
            [
                _record("11", lastname="山田", firstname="太郎", email=None, phone=None, industry="　"),
                _record("12", lastname="松本", firstname=None, email="m@b.jp", phone="000-111-2222"),
                _record("19", lastname="山田", retired="merged"),
            ],
        )
        insert(
            connection,
            "raw.salesforce_lead",
            [
                _record(
                    "00Q1", LastName="山田", FirstName="太郎", Email="y@a.jp", Phone="026-000-0000", Industry="製造業"
                ),
                _record("00Q2", LastName="松本", FirstName="次郎", Email=None, Phone=None, Industry="建設業"),
            ],
        )
        insert(connection, "raw.salesforce_account", [_record("0011", Name="山田製作所")])
        insert(connection, "raw.salesforce_contact", [_record("0031", LastName="長谷川", FirstName="花")])
        insert(
            connection,
            "raw.association",
            [
                {
                    "system": "salesforce",
                    "from_object": "Contact",
                    "from_id": "0031",
                    "to_object": "Account",
                    "to_id": "0011",
                    "is_primary": True,
                }
            ],
        )
        insert(
            connection,
            "golden.link",
            [
                _link("person-1", "hubspot", "contacts", "11"),
                _link("person-1", "hubspot", "contacts", "19", "merged"),
                _link("person-1", "salesforce", "Lead", "00Q1"),
                _link("person-2", "hubspot", "contacts", "12"),
                _link("person-3", "salesforce", "Lead", "00Q2"),
                _link("person-4", "salesforce", "Contact", "0031"),
                _link("company-1", "salesforce", "Account", "0011"),
            ],
        )
        insert(
            connection,
            "golden.provenance",
            [
                _value("person-1", "name", "family_name", "山田"),
                _value("person-1", "name", "given_name", "太郎"),
                _value("person-1", "e_mail", "e_mail", "y@a.jp"),
                _value("person-1", "industry", "industry", "製造業"),
                _value("person-1", "phone", "phone", "026-000-0000"),
                _value("company-1", "name", "name", "山田製作所"),
            ],
        )
        evidence = [
            {"comparison": "name", "verdict": "supports", "weight": 2.0, "words": "same surname", "words_ja": "同じ姓"},
            {"comparison": "phone", "verdict": "contradicts", "weight": -1, "words": "other phone", "words_ja": "電話"},
        ]
        pair = {
            "kind": "person",
            "weight": 1.0,
            "evidence": evidence,
            "evidence_hash": "e",
            "candidates": 1,
            "rules": [],
            "pattern": 0,
        }
        insert(
            connection,
            "match.pair",
            [
                {
                    **pair,
                    "left_key": "hubspot/contacts/11",
                    "right_key": "salesforce/Lead/00Q1",
                    "posterior": 0.999,
                    "tier": "auto",
                    "why_not_auto": None,
                },
                {
                    **pair,
                    "left_key": "hubspot/contacts/12",
                    "right_key": "salesforce/Lead/00Q2",
                    "posterior": 0.7,
                    "tier": "possible",
                    "why_not_auto": "only the surname",
                },
            ],
        )
        insert(
            connection,
            "match.cluster",
            [
                {"kind": "person", "record_key": key, "cluster": cluster}
                for key, cluster in [
                    ("hubspot/contacts/11", "a"),
                    ("salesforce/Lead/00Q1", "a"),
                    ("hubspot/contacts/12", "b"),
                    ("salesforce/Lead/00Q2", "c"),
                ]
            ],
        )
        insert(
            connection,
            "raw.tombstone",
            [
                {
                    "system": "hubspot",
                    "object": "contacts",
                    "record_id": "19",
                    "reason": "merged",
                    "gone_at": _AT,
                    "survivor_object": "contacts",
                    "survivor_id": "11",
                    "run_id": 1,
                }
            ],
        )
        watermarks = [("hubspot", "contacts"), ("salesforce", "Lead"), ("salesforce", "Contact")]
        insert(
            connection,
            "raw.watermark",
            [{"system": s, "object": o, "read_until": _AT, "fields_hash": "f", "run_id": 1} for s, o in watermarks],
        )
        count = {"run_id": 1, "system": "hubspot", "object": "contacts", "here": 2, "there": 3, "method": "count"}
        count |= dict.fromkeys(("missing", "surplus", "sampled", "sample_wrong"), 0)
        insert(connection, "raw.reconciliation", [{**count, "explained": "1 is in quarantine"}])
        held = {"run_id": 1, "system": "hubspot", "object": "contacts", "record_id": "13", "reason": "not text"}
        insert(connection, "raw.quarantine", [held])
        conflict = {"golden_id": "person-1", "field": "job_title", "kind": "ask", "salesforce": ["部長"]}
        conflict |= {"hubspot": ["課長"], "certain": True, "winner": "nobody", "why": "both changed"}
        insert(connection, "plan.conflict", [{**conflict, "first_plan": 1, "last_plan": 1}])


def written(key, name, value, held_before):
    """A row of state.written."""
    return {
        "record_key": key,
        "name": name,
        "value": value,
        "held_before": held_before,
        "run_id": 1,
    }
