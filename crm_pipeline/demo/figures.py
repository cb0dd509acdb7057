"""The figures of the demo's story, read from a warehouse (or its published copy) after the last run.

Belongs here: queries -> Figures. Not here: words and layout (story.py). A value "before" is what the record held before
our first write to it, which state.written remembers; a record that we created did not exist before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from crm_pipeline.model import OpState, split_record_key


@dataclass(frozen=True)
class Reach:
    """How many customers something can be done with."""

    what: str
    before: int
    after: int


@dataclass(frozen=True)
class Example:
    """A pair of records, why they are the same customer, and what each CRM got from the other.

    `records`: (CRM and object, the record before our writes in words); `evidence`: (supports, words), strongest first;
    `written`: (CRM, field, value) in the order of sending.
    """

    records: tuple[tuple[str, str], tuple[str, str]]
    tier: str
    posterior: float
    decided_by: str | None
    evidence: tuple[tuple[bool, str], ...]
    written: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Figures:
    """Everything that the story tells. Counts are of records, pairs or operations, as the name says."""

    records: int
    customers: int
    customers_in_both: int
    companies_in_both: int
    reach: tuple[Reach, ...]
    auto_pairs: dict[str, int]
    accepted_pairs: int
    review_pairs: dict[tuple[str, str], int]
    examples: tuple[Example, ...]
    landed: tuple[tuple[str, str, str, str, int], ...]
    not_landed: tuple[tuple[str, str, int], ...]
    waiting_creates: tuple[tuple[str, int], ...]
    conflicts: int
    held_plans: int
    last_plan: int


#: What can be done with a customer -> the CRM fields one of which must be filled.
_REACH = (
    ("Marketing can mail", "hubspot", ("email",)),
    ("Sales can phone", "salesforce", ("Phone", "MobilePhone")),
    ("Marketing can pick by industry", "hubspot", ("industry",)),
)
_SHOWN = ("lastname", "firstname", "LastName", "FirstName", "email", "Email", "phone", "Phone", "MobilePhone")
_SHOWN_PLACES = ("state", "city", "address", "State", "City", "Street")
_SHOWN_REST = ("birth_date", "Birthdate", "Birthdate__c", "industry", "Industry")

#: golden id, system, record key and, for a list of fields, the values now and before our writes.
_VALUES = """
    select l.golden_id, r.system, r.record_key, n.name,
        json_extract_string(r.fields, '$."' || n.name || '"') as value_now,
        case
            when c.record_key is not null then null
            when w.record_key is not null then w.held_before ->> '$'
            else json_extract_string(r.fields, '$."' || n.name || '"')
        end as value_before
    from golden.link l
    join raw.record r on r.record_key = l.record_key and r.retired is null
    cross join (select unnest($names) as name) n
    left join state.written w on w.record_key = r.record_key and w.name = n.name
    left join state.link c on c.record_key = r.record_key and c.origin = 'created'
    where l.kind = 'person' and l.retired is null
"""


def read(connection: duckdb.DuckDBPyConnection, examples: Sequence[tuple[str, str]]) -> Figures:
    """The figures after the last run. `examples`: pairs of record keys to explain; one that is no pair is left out."""
    found = (_example(connection, one, other) for one, other in examples)
    return Figures(
        records=_number(connection, "select count(*) from raw.record where retired is null"),
        customers=_number(connection, f"select count(distinct golden_id) from golden.link where {_LIVE_PERSON}"),
        customers_in_both=_in_both(connection, "person"),
        companies_in_both=_in_both(connection, "company"),
        reach=tuple(_reach(connection, *question) for question in _REACH),
        auto_pairs=dict(_rows(connection, "select kind, count(*) from match.pair where tier = 'auto' group by all")),
        accepted_pairs=_number(connection, f"select count(*) from ({_LAST_DECISIONS}) where verdict = 'match'"),
        review_pairs={
            (kind, tier): number
            for kind, tier, number in _rows(connection, "select kind, tier, count(*) from match.review group by all")
        },
        examples=tuple(example for example in found if example),
        landed=tuple(
            _rows(
                connection,
                f"""select o.system, o.object, o.operation, a.rule, count(*) from push.outbox o
                join (from push.audit qualify row_number() over (partition by op_id) = 1) a using (op_id)
                where o.state = '{OpState.LANDED}' group by all order by all""",
            )
        ),
        not_landed=tuple(
            _rows(
                connection,
                f"""select state, coalesce(message, code, ''), count(*) from ({_NEWEST_OF_EACH_OPERATION})
                where state not in ('{OpState.LANDED}', '{OpState.SUPERSEDED}', '{OpState.HELD_BY_GUARD}')
                group by all order by all""",
            )
        ),
        waiting_creates=tuple(
            _rows(
                connection,
                f"select reason, count(*) from plan.waiting where plan_id = ({_LAST_PLAN}) group by all order by all",
            )
        ),
        conflicts=_number(connection, "select count(*) from plan.conflict"),
        held_plans=_number(connection, "select count(*) from plan.plan where state = 'held'"),
        last_plan=_number(
            connection, f"select count(*) from plan.change where plan_id = ({_LAST_PLAN}) and problem is null"
        ),
    )


_LIVE_PERSON = "kind = 'person' and retired is null"
_LAST_PLAN = "select max(plan_id) from plan.plan"
_NEWEST_OF_EACH_OPERATION = """
    from push.outbox qualify row_number() over (partition by op_id order by plan_id desc, run_id desc) = 1
"""
_LAST_DECISIONS = """
    from state.decision qualify row_number() over (partition by left_key, right_key order by decided_at desc) = 1
"""


def _reach(connection: duckdb.DuckDBPyConnection, what: str, system: str, names: tuple[str, ...]) -> Reach:
    query = f"""
        select
            count(distinct golden_id) filter (where trim(value_before) <> ''),
            count(distinct golden_id) filter (where trim(value_now) <> '')
        from ({_VALUES}) where system = $system
    """
    [(before, after)] = _rows(connection, query, names=list(names), system=system)
    return Reach(what, before, after)


def _in_both(connection: duckdb.DuckDBPyConnection, kind: str) -> int:
    """Golden records that had records in both CRMs before we created any."""
    return _number(
        connection,
        """select count(*) from (
            select golden_id from golden.link l
            where kind = $kind and retired is null
                and not exists (from state.link c where c.record_key = l.record_key and c.origin = 'created')
            group by golden_id having count(distinct system) = 2
        )""",
        kind=kind,
    )


def _example(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> Example | None:
    left, right = sorted((one, other))
    pairs = _rows(
        connection,
        "select tier, posterior, evidence from match.pair where left_key = $left and right_key = $right",
        left=left,
        right=right,
    )
    if not pairs:
        return None
    tier, posterior, evidence = pairs[0]
    decisions = _rows(
        connection,
        f"""select decided_by from ({_LAST_DECISIONS})
        where left_key = $left and right_key = $right and verdict = 'match'""",
        left=left,
        right=right,
    )
    written = _rows(
        connection,
        f"""select system, field, new from push.outbox
        where state = '{OpState.LANDED}' and golden_id in (select golden_id from golden.link where record_key = $key)
        order by ended_at, op_id""",
        key=left,
    )
    return Example(
        records=(_described(connection, one), _described(connection, other)),
        tier=tier,
        posterior=posterior,
        decided_by=decisions[0][0] if decisions else None,
        evidence=tuple((item["verdict"] == "supports", item["words"]) for item in json.loads(evidence)),
        written=tuple((system, field, _joined(json.loads(new).values())) for system, field, new in written),
    )


def _described(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[str, str]:
    """(CRM and object, the record before our writes in words)."""
    rows = _rows(
        connection,
        f"select name, value_before from ({_VALUES}) where record_key = $key",
        names=[*_SHOWN, *_SHOWN_PLACES, *_SHOWN_REST],
        key=key,
    )
    values = dict(rows)
    name = _joined(values.get(part) for part in _SHOWN[:4])
    place = "".join(values.get(part) or "" for part in _SHOWN_PLACES)
    rest = [values.get(part) for part in (*_SHOWN[4:], *_SHOWN_REST)]
    system, object_, _ = split_record_key(key)
    return f"{system.label} {object_}", " · ".join(text for text in (name, place, *rest) if text)


def _joined(values: Any) -> str:
    return " ".join(str(value) for value in values if value not in (None, ""))


def _number(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> int:
    [(number,)] = _rows(connection, query, **values)
    return int(number)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return list(connection.execute(query, values or None).fetchall())
