"""A warehouse as a night leaves it: a held plan of three operations, and one pair in review."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.model import PlanState
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

HASH = "0123456789abcdef"
CONTACT, LEAD = "hubspot/contacts/151", "salesforce/Lead/00Q1"
NOW = datetime.now(UTC)


def write_night(path: Path, state: PlanState = PlanState.HELD) -> Warehouse:
    warehouse = Warehouse(path)
    with warehouse.connect() as connection:
        insert(connection, "plan.plan", [_plan(state)])
        insert(connection, "plan.change", [_fill(), _clear(), _refused()])
        insert(connection, "plan.guard", [_guard("first_run", tripped=True), _guard("updates", tripped=False)])
        insert(connection, "raw.hubspot_contacts", [_record("151", {"lastname": "松本", "phone": "000-111-2222"})])
        insert(connection, "raw.salesforce_lead", [_record("00Q1", {"LastName": "松本", "FirstName": "次郎"})])
        insert(connection, "match.pair", [_pair()])
        insert(
            connection, "match.cluster", [{"kind": "person", "record_key": k, "cluster": k} for k in (CONTACT, LEAD)]
        )
    return warehouse


def _plan(state: PlanState) -> dict[str, object]:
    return {
        "plan_id": 1,
        "run_id": 1,
        "hash": HASH,
        "state": state,
        "why": "first run of this mapping",
        "mapping_hash": load_settings().mapping.hash,
        "schema_hash": "s",
        "created_at": NOW.isoformat(),
        "expires_at": (NOW + timedelta(hours=24)).isoformat(),
    }


def _change(op_id: str, **others: object) -> dict[str, object]:
    return {
        "plan_id": 1,
        "op_id": op_id,
        "seq": int(op_id),
        "kind": "person",
        "system": "salesforce",
        "object": "Lead",
        "record_id": "00Q1",
        "golden_id": "person-1",
        "rule": "prefer_salesforce",
        "reason": "filled from HubSpot",
        "fingerprint": op_id,
        "problem": None,
        "problem_state": None,
        **others,
    }


def _fill() -> dict[str, object]:
    new = {"Phone": "000-111-2222"}
    return _change("1", operation="update", field="phone", old={"Phone": None}, new=new)


def _clear() -> dict[str, object]:
    old = {"Title": "部長"}
    return _change("2", operation="clear", field="job_title", old=old, new={"Title": None})


def _refused() -> dict[str, object]:
    return _change(
        "3",
        operation="update",
        field="industry",
        old={},
        new={"Industry": "x"},
        problem="the picklist has no such value",
        problem_state="invalid",
    )


def _guard(guard: str, *, tripped: bool) -> dict[str, object]:
    return {
        "plan_id": 1,
        "system": "salesforce",
        "object": "Lead",
        "guard": guard,
        "subject": "",
        "number": 2,
        "total": 10,
        "allowed": "20 %",
        "tripped": tripped,
    }


def _record(record_id: str, fields: dict[str, object]) -> dict[str, object]:
    return {
        "record_id": record_id,
        "created_at": NOW.isoformat(),
        "modified_at": NOW.isoformat(),
        "modified_by": "",
        "fields": fields,
        "changed": {},
        "run_id": 1,
    }


def _pair() -> dict[str, object]:
    evidence = [
        {
            "comparison": "family name",
            "verdict": "supports",
            "weight": 1.2,
            "words": "both are 松本",
            "words_ja": "姓が同じ",
        }
    ]
    return {
        "kind": "person",
        "left_key": CONTACT,
        "right_key": LEAD,
        "weight": 1.2,
        "posterior": 0.4,
        "tier": "possible",
        "evidence": evidence,
        "evidence_hash": "e1",
        "candidates": 1,
        "rules": ["family name"],
        "pattern": 0,
        "why_not_auto": "surname only",
    }
