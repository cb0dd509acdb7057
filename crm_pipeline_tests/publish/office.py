"""A small office after two runs: customers, a company, deals, tickets and activities of both CRMs, edits and writes.

山田 (person-1, a contact and a lead) became one customer in run 2, when sales' e-mail address was written into HubSpot.
佐藤 (person-2, a contact of 東都製作所 in both CRMs) negotiates a deal that both CRMs have, and has two tickets;
her title was edited in HubSpot between the runs. 鈴木 (person-3) is known to HubSpot twice, takes part in that deal
there, and is perhaps a lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from crm_pipeline.config import load_settings
from crm_pipeline.publish import stage
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

_RUN_1, _RUN_2 = "2026-11-20T17:00:00+00:00", "2026-11-21T17:00:00+00:00"
_MEMBERS = {
    "person-1": ("hubspot/contacts/11", "salesforce/Lead/00Q1"),
    "person-2": ("hubspot/contacts/12", "salesforce/Contact/0032"),
    "person-3": ("hubspot/contacts/13", "hubspot/contacts/14"),
    "person-4": ("salesforce/Lead/00Q4",),
    "company-1": ("hubspot/companies/21", "salesforce/Account/0011"),
    "deal-1": ("hubspot/deals/31", "salesforce/Opportunity/0061"),
    "deal-2": ("salesforce/Opportunity/0062",),
}
_VALUES = {
    "person-1": {"name/family_name": "山田", "name/given_name": "太郎", "e_mail": "yamada@aaa.jp", "industry": "製造業"}
    | {"address/prefecture": "長野県", "address/city": "長野市", "owner": "80001"},
    "person-2": {"name/family_name": "佐藤", "name/given_name": "花子", "e_mail": "sato@toto.example"}
    | {"phone": "03-1234-5678", "company": "東都製作所", "industry": "製造業", "job_title": "部長", "owner": "0051"},
    "person-3": {"name/family_name": "鈴木", "phone": "000"},
    "person-4": {"name/family_name": "鈴木"},
    "company-1": {"name": "東都製作所", "website": "https://toto.example", "employees": "120", "industry": "製造業"},
}
_RECORDS: dict[str, dict[str, dict[str, Any]]] = {
    "hubspot_contacts": {
        "11": {"lastname": "山田", "firstname": "太郎", "email": None, "industry": None, "lead_source": "Web"},
        "12": {"lastname": "佐藤", "firstname": "花子", "email": "sato@toto.example", "jobtitle": "部長"},
        "13": {"lastname": "鈴木", "phone": "000"},
        "14": {"lastname": "鈴木", "phone": None},
    },
    "salesforce_lead": {
        "00Q1": {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp", "Industry": "製造業"},
        "00Q4": {"LastName": "鈴木"},
    },
    "salesforce_contact": {"0032": {"LastName": "佐藤", "FirstName": "花子", "Phone": "03-1234-5678", "Title": "課長"}},
    "hubspot_companies": {"21": {"name": "東都製作所"}},
    "salesforce_account": {"0011": {"Name": "東都製作所"}},
    "hubspot_deals": {
        "31": {"dealname": "新工場", "amount": "500000", "dealstage": "contractsent"},
        "32": {"dealname": "保守", "closedate": "2026-08-06T16:19:17Z", "hubspot_owner_id": "80001"},
    },
    "salesforce_opportunity": {
        "0061": {
            "Name": "新工場",
            "Amount": 500000.0,
            "StageName": "Proposal",
            "IsClosed": False,
            "CloseDate": "2026-12-20",
        },
        "0062": {"Name": "試作", "Amount": 80000.0, "StageName": "Closed Won", "IsClosed": True, "IsWon": True}
        | {"CloseDate": "2026-10-01", "OwnerId": "0051"},
    },
    "hubspot_tickets": {"41": {"subject": "部品が届かない", "hs_pipeline_stage": "1", "hubspot_owner_id": "80001"}},
    "salesforce_case": {
        "5001": {
            "Subject": "請求書",
            "Status": "Closed",
            "IsClosed": True,
            "ClosedDate": "2026-11-02T09:00:00.000+0000",
        }
    },
    "hubspot_calls": {
        "51": {"hs_call_title": "見積の件", "hs_timestamp": "2026-11-18T02:00:00Z", "hubspot_owner_id": "80001"}
    },
    "hubspot_notes": {"52": {"hs_body_preview": "展示会で名刺交換", "hs_timestamp": "2025-05-01T02:00:00Z"}},
    "salesforce_task": {
        "00T1": {"Subject": "お礼のメール", "TaskSubtype": "Email", "ActivityDate": "2026-11-19", "OwnerId": "0051"}
    },
    "salesforce_event": {"00U1": {"Subject": "訪問", "StartDateTime": "2027-01-10T01:00:00.000+0000"}},
}
_RELATED = (
    ("hubspot", "contacts", "12", "companies", "21"),
    ("salesforce", "Contact", "0032", "Account", "0011"),
    ("hubspot", "deals", "31", "contacts", "12"),
    ("hubspot", "deals", "31", "contacts", "13"),
    ("hubspot", "deals", "31", "companies", "21"),
    ("salesforce", "Opportunity", "0061", "Contact", "0032"),
    ("salesforce", "Opportunity", "0061", "Account", "0011"),
    ("salesforce", "Opportunity", "0062", "Account", "0011"),
    ("salesforce", "Opportunity", "0062", "Contact", "0032"),
    ("hubspot", "tickets", "41", "contacts", "12"),
    ("salesforce", "Case", "5001", "Contact", "0032"),
    ("hubspot", "calls", "51", "contacts", "11"),
    ("hubspot", "notes", "52", "contacts", "12"),
    ("salesforce", "Task", "00T1", "Contact", "0032"),
    ("salesforce", "Event", "00U1", "Contact", "0032"),
)


def published(folder: Path) -> Path:
    """The copy for analysts after the second run."""
    copy = folder / "analytics.duckdb"
    settings = load_settings().model_copy(update={"published": copy, "reports": folder / "reports"})
    warehouse = Warehouse(folder / "crm.duckdb")
    with warehouse.connect() as connection:
        for table, rows in _first():
            insert(connection, table, rows)
    stage.run(warehouse, settings, 1)
    with warehouse.connect() as connection:
        for table, rows in _second():
            insert(connection, table, rows)
        connection.execute("delete from golden.link where golden_id = 'person-9'")
    stage.run(warehouse, settings, 2)
    return copy


def _first() -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    yield "state.run", [_run(1, _RUN_1)]
    yield "raw.account", [_account("hubspot", "123", "https://app.hubspot.example")]
    yield "raw.account", [_account("salesforce", "00D1", "https://office.salesforce.example")]
    yield "raw.user", [_user("hubspot", "80001", "美咲 高橋"), _user("salesforce", "0051", "伊藤 大輔")]
    yield "raw.user", [{**_user("salesforce", "0052", "高橋 美咲"), "e_mail": "80001@us.example"}]
    yield "raw.stage", [_stage("hubspot", "deals", "contractsent", "Contract Sent")]
    yield "raw.stage", [_stage("salesforce", "Opportunity", "Closed Won", "Closed Won", closed=True)]
    for table, records in _RECORDS.items():
        yield f"raw.{table}", [_record(record_id, fields) for record_id, fields in records.items()]
    names = ("system", "from_object", "from_id", "to_object", "to_id")
    yield "raw.association", [{**dict(zip(names, one, strict=True)), "is_primary": True} for one in _RELATED]
    for golden_id, keys in _MEMBERS.items():
        kind = golden_id.split("-")[0]
        yield "golden.entity", [{"golden_id": golden_id, "kind": kind, "anchor_key": keys[0], "created_run": 1}]
        yield "golden.link", [_link(golden_id, kind, key) for key in keys if key != "salesforce/Lead/00Q1"]
    yield "golden.link", [_link("person-9", "person", "salesforce/Lead/00Q1")]
    for golden_id, values in _VALUES.items():
        yield "golden.provenance", [_value(golden_id, name, value) for name, value in values.items()]
    yield "normalise.value", [{"kind": "phone", "raw": "000", "version": "v", "status": "junk"}]
    pair = {"kind": "person", "left_key": "hubspot/contacts/13", "right_key": "salesforce/Lead/00Q4", "weight": 1.0}
    pair |= {"posterior": 0.6, "tier": "possible", "evidence": [], "evidence_hash": "e", "candidates": 1, "rules": []}
    yield "match.pair", [{**pair, "pattern": 0, "why_not_auto": "only the family name"}]
    linked = {**pair, "left_key": "hubspot/contacts/11", "right_key": "salesforce/Lead/00Q1", "posterior": 0.9991}
    words = {
        "comparison": "name",
        "verdict": "supports",
        "weight": 2.0,
        "words": "same family name",
        "words_ja": "同じ姓",
    }
    yield "match.pair", [{**linked, "tier": "auto", "evidence": [words], "pattern": 0}]
    yield "match.cluster", [{"kind": "person", "record_key": f"{place}", "cluster": place} for place in
                            ("hubspot/contacts/13", "salesforce/Lead/00Q4")]  # fmt: skip


def _second() -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    """山田 is one customer now, and mailable; 佐藤 became 部長."""
    yield "state.run", [_run(2, _RUN_2)]
    yield "golden.link", [{**_link("person-1", "person", "salesforce/Lead/00Q1"), "since_run": 2}]
    yield "golden.redirect", [{"golden_id": "person-9", "survivor_id": "person-1", "run_id": 2}]
    former = {"golden_id": "person-9", "record_key": "salesforce/Lead/00Q1", "since_run": 1, "until_run": 2}
    yield "golden.former_link", [former]
    old = {"golden_id": "person-1", "replaced_run": 2}
    yield "golden.history", [{**old, "field": name, "part": name} for name in ("e_mail", "industry")]
    title = {"golden_id": "person-2", "field": "job_title", "part": "job_title", "value": "課長", "replaced_run": 2}
    yield "golden.history", [{**title, "record_key": "hubspot/contacts/12"}]
    edited = {"system": "hubspot", "object": "contacts", "record_id": "12", "modified_at": _RUN_1, "first_run": 1}
    before = _RECORDS["hubspot_contacts"]["12"] | {"jobtitle": "課長"}
    yield "raw.history", [{**edited, "last_run": 2, "fields": before}]
    said = {"left_key": "hubspot/contacts/11", "right_key": "salesforce/Lead/00Q1", "verdict": "match", "why": ""}
    said |= {"decided_by": "高橋", "decided_at": _RUN_2, "evidence_hash": "e", "normaliser_version": ""}
    yield "state.decision", [said]
    plan = {
        "plan_id": 1,
        "run_id": 2,
        "hash": "h",
        "state": "applied",
        "why": "",
        "mapping_hash": "",
        "schema_hash": "",
    }
    yield "plan.plan", [{**plan, "created_at": _RUN_2, "expires_at": _RUN_2}]
    write = {"op_id": "a", "plan_id": 1, "run_id": 2, "system": "hubspot", "object": "contacts", "record_id": "11"}
    write |= {"golden_id": "person-1", "operation": "update", "field": "e_mail", "old": {"email": None}}
    write |= {"new": {"email": "yamada@aaa.jp"}}
    why = {"rule": "prefer_salesforce", "reason": "Salesforce has a value"}
    yield "push.outbox", [{**write, "request_id": "a", "state": "landed", "ended_at": _RUN_2}]
    yield "push.audit", [{**write, **why, "written_at": _RUN_2}]
    yield (
        "state.written",
        [
            {
                "record_key": "hubspot/contacts/11",
                "name": "email",
                "value": "yamada@aaa.jp",
                "held_before": None,
                "run_id": 2,
            }
        ],
    )
    base = {
        "golden_id": "person-1",
        "record_key": "hubspot/contacts/11",
        "field": "e_mail",
        "value": [None],
        "run_id": 1,
    }
    yield "state.base", [base]
    conflict = {
        "golden_id": "person-2",
        "field": "job_title",
        "kind": "ask",
        "salesforce": ["課長"],
        "hubspot": ["部長"],
    }
    conflict |= {"certain": True, "winner": "nobody", "why": "both changed", "first_plan": 1, "last_plan": 1}
    yield "plan.conflict", [conflict]
    differs = {"golden_id": "person-2", "field": "job_title", "hubspot_key": "hubspot/contacts/12", "cause": "ask"}
    yield "publish.disagreement", [{**differs, "salesforce_key": "salesforce/Contact/0032"}]


def _run(run_id: int, at: str) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "external_id": f"{run_id}",
        "mapping_hash": "",
        "started_at": at,
        "ended_at": at,
        "outcome": "done",
    }


def _account(system: str, account_id: str, url: str) -> dict[str, Any]:
    names = {"name": "office", "time_zone": "Asia/Tokyo", "sandbox": False, "integration_user": "us", "url": url}
    return {"system": system, "account_id": account_id, **names}


def _user(system: str, user_id: str, name: str) -> dict[str, Any]:
    return {"system": system, "user_id": user_id, "e_mail": f"{user_id}@us.example", "name": name, "active": True}


def _stage(system: str, object_: str, stage_id: str, label: str, *, closed: bool = False) -> dict[str, Any]:
    place = {"pipeline_id": "default", "pipeline": "Sales", "position": 1, "run_id": 1}
    return {
        "system": system,
        "object": object_,
        "stage_id": stage_id,
        "label": label,
        "closed": closed,
        "won": closed,
    } | place


def _record(record_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    at = "2026-11-01T00:00:00+00:00"
    changed = (
        {"jobtitle": {"at": "2026-11-21T03:00:00+00:00", "after": None, "certain": True}} if record_id == "12" else {}
    )
    times = {"created_at": at, "modified_at": "2026-11-21T03:00:00+00:00" if changed else at}
    return {"record_id": record_id, "fields": fields, "changed": changed, "modified_by": "80001", "run_id": 1, **times}


def _link(golden_id: str, kind: str, key: str) -> dict[str, Any]:
    system, object_, record_id = key.split("/")
    place = {"record_key": key, "system": system, "object": object_, "record_id": record_id}
    return {"golden_id": golden_id, "kind": kind, "is_primary": True, "since_run": 1, **place}


def _value(golden_id: str, name: str, value: str) -> dict[str, Any]:
    field, _, part = name.partition("/")
    more = {"record_key": _MEMBERS[golden_id][0], "rule": "primary", "losing": []}
    return {"golden_id": golden_id, "field": field, "part": part or field, "value": value, **more}
