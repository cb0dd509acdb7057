"""The night of report/night.py with all that a report of it says: runs, steps, reach, reading, writes, links."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crm_pipeline.model import PlanState
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import CONTACT, LEAD, NOW, _change, write_night

#: Values and names that may be seen only when they are asked for.
VALUES = ("000-111-2222", "部長", "both are 松本", "課長", "山本")


def write_morning(path: Path, state: PlanState = PlanState.HELD) -> Warehouse:
    """Run 1 made plan 1, which is held unless said otherwise; run 0 measured before it."""
    warehouse = write_night(path, state)
    with warehouse.connect() as connection:
        insert(connection, "state.run", [run(0), run(1)])
        insert(
            connection,
            "state.step",
            [step("salesforce_schema", "extract"), step("plan"), step("push"), step("publish")],
        )
        insert(connection, "publish.reach", [_reach(number, *of) for number in (0, 1) for of in _QUESTIONS])
        insert(
            connection, "raw.reconciliation", [_read("contacts", 1, 1), _read("deals", 0, 0), _read("companies", 3, 2)]
        )
        insert(connection, "plan.conflict", [_conflict()])
        insert(connection, "golden.link", [_link(CONTACT), _link(LEAD)])
        insert(connection, "match.pair", [_sure_pair()])
        insert(connection, "publish.agreement", [_agreement("agree", 8), _agreement("waits_for_approval", 2)])
        insert(connection, "plan.proposal", [_proposal()])
        insert(connection, "raw.account", [_account("hubspot", "42"), _account("salesforce", "00D1")])
    return warehouse


def run(number: int, **others: object) -> dict[str, object]:
    return {
        "run_id": number,
        "external_id": f"x{number}",
        "mapping_hash": "m",
        "started_at": (NOW - timedelta(hours=24 * (1 - number))).isoformat(),
        "ended_at": NOW.isoformat(),
        "outcome": "done",
        "failed": None,
        **others,
    }


def step(name: str, stage: str = "", run_id: int = 1, **others: object) -> dict[str, object]:
    calls = {"hubspot": {"made": 10, "today": 120, "limit": 1000}} if name in ("salesforce_schema", "push") else {}
    return {
        "run_id": run_id,
        "stage": stage or name,
        "step": name,
        "started_at": NOW.isoformat(),
        "seconds": 61.5,
        "calls": calls,
        "failed": None,
        **others,
    }


def written(state: str, code: str | None = None, op_id: str = "1", run_id: int = 1) -> dict[str, object]:
    """A row of push.outbox for an operation of the night's plan."""
    change = _change(op_id)
    kept = ("plan_id", "op_id", "system", "object", "record_id", "golden_id")
    return {
        **{name: change[name] for name in kept},
        "run_id": run_id,
        "request_id": op_id,
        "state": state,
        "field": "phone",
        "operation": "update",
        "old": {},
        "new": {"Phone": VALUES[0]},
        "code": code,
    }


_QUESTIONS = (
    ("hubspot", "mail"),
    ("hubspot", "phone"),
    ("hubspot", "pick by industry"),
    ("salesforce", "mail"),
    ("salesforce", "phone"),
    ("salesforce", "pick by industry"),
)


def _reach(run_id: int, system: str, capability: str) -> dict[str, object]:
    customers = 40 + 30 * run_id
    return {
        "run_id": run_id,
        "measured_at": NOW.isoformat(),
        "system": system,
        "capability": capability,
        "customers": customers,
        "without_writes": 40,
        "total": 100,
    }


def _read(object_: str, here: int, there: int) -> dict[str, object]:
    of = {"run_id": 1, "system": "hubspot", "object": object_, "here": here, "there": there}
    return {**of, "explained": "" if here == there else "one came while reading"}


def _conflict() -> dict[str, object]:
    return {
        "golden_id": "person-1",
        "field": "job_title",
        "kind": "ask",
        "salesforce": ["部長"],
        "hubspot": ["課長"],
        "certain": True,
        "winner": "nobody",
        "why": "both sides changed",
        "first_plan": 1,
        "last_plan": 1,
    }


def _link(key: str) -> dict[str, object]:
    system, object_, record_id = key.split("/")
    return {
        "golden_id": "person-1",
        "kind": "person",
        "record_key": key,
        "system": system,
        "object": object_,
        "record_id": record_id,
        "is_primary": True,
        "since_run": 1,
    }


def _sure_pair() -> dict[str, object]:
    evidence = [
        {"comparison": "family_name", "verdict": "supports", "weight": 3.0, "words": "same family name: 山本",
         "words_ja": "姓が同じ：山本"},
    ]  # fmt: skip
    return {
        "kind": "person",
        "left_key": CONTACT,
        "right_key": LEAD,
        "weight": 9.0,
        "posterior": 0.998,
        "tier": "auto",
        "evidence": evidence,
        "evidence_hash": "e2",
        "candidates": 1,
        "rules": [],
        "pattern": 0,
        "why_not_auto": None,
    }


def _agreement(reason: str, pairs: int) -> dict[str, object]:
    of = {"run_id": 1, "measured_at": NOW.isoformat(), "kind": "person", "field": "phone", "rule": "two_way"}
    return {**of, "reason": reason, "pairs": pairs}


def _proposal() -> dict[str, object]:
    return {
        "plan_id": 1,
        "golden_id": "person-1",
        "system": "hubspot",
        "object": "contacts",
        "winner_key": CONTACT,
        "loser_key": "hubspot/contacts/152",
        "fields": {"job_title": {"winner": ["部長"], "loser": ["課長"], "kept": ["部長"]}},
        "reason": "it is the oldest",
    }


def _account(system: str, number: str) -> dict[str, object]:
    url = f"https://{system}.example"
    return {"system": system, "account_id": number, "name": "n", "time_zone": "UTC", "sandbox": False,
            "integration_user": "", "url": url}  # fmt: skip
