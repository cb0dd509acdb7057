"""The figures of the demo's story, read from the published copy after the last run.

Belongs here: queries -> Figures. Not here: words and layout (story.py), what a mart says (publish/marts).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from crm_pipeline.config import KindMapping
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
    `written`: (CRM, label of the field, value) in the order of the mapping.
    """

    records: tuple[tuple[str, str], tuple[str, str]]
    tier: str
    posterior: float
    decided_by: str | None
    evidence: tuple[tuple[bool, str], ...]
    written: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Deals:
    """How many deals there are, in both CRMs, made there by us, and open; `open_amount` in the CRMs' currency."""

    total: int
    in_both: int
    created: int
    open: int
    open_amount: float
    tickets: int
    activities: int


@dataclass(frozen=True)
class Figures:
    """Everything that the story tells. Counts are of records, pairs or operations, as the name says.

    `asked`: conflicts that wait for a person; `conflicts`: those that do not.
    """

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
    deals: Deals
    asked: int
    conflicts: int
    held_plans: int
    last_plan: int


#: The guide's three questions: the CRM and what can be done in it.
_QUESTIONS = (("hubspot", "mail"), ("salesforce", "phone"), ("hubspot", "pick by industry"))
_NAMES = ("lastname", "firstname", "LastName", "FirstName")
_PLACES = ("state", "city", "address", "State", "City", "Street")
_OTHERS = ("email", "Email", "phone", "Phone", "birth_date", "Birthdate__c", "industry", "Industry")


def read(connection: duckdb.DuckDBPyConnection, mapping: KindMapping, examples: Sequence[tuple[str, str]]) -> Figures:
    """The figures after the last run. `mapping` of people.

    `examples`: pairs of record keys of people to explain; one that is no pair is left out.
    """
    found = (_example(connection, mapping, one, other) for one, other in examples)
    return Figures(
        records=_number(
            connection, "select count(*) from raw.record where retired is null and kind in ('person', 'company')"
        ),
        customers=_number(connection, "select count(*) from customer_360"),
        customers_in_both=_in_both(connection, "person"),
        companies_in_both=_in_both(connection, "company"),
        reach=tuple(_reach(connection, *question) for question in _QUESTIONS),
        auto_pairs=dict(_rows(connection, "select kind, count(*) from matches where tier = 'auto' group by all")),
        accepted_pairs=_number(connection, "select count(*) from matches where verdict = 'match'"),
        review_pairs={
            (kind, tier): number
            for kind, tier, number in _rows(connection, "select kind, tier, count(*) from match_review group by all")
        },
        examples=tuple(example for example in found if example),
        landed=tuple(
            _rows(
                connection,
                f"""select system, object, operation, rule, sum(operations)::bigint from writes
                where state = '{OpState.LANDED}' group by all order by all""",
            )
        ),
        not_landed=tuple(
            _rows(
                connection,
                f"""select state, regexp_replace(
                        regexp_replace(coalesce(message, code, ''), '{_RECORD}', 'another record'), '^blocked: ', ''
                    ) as why, count(*)
                from ({_NEWEST_OF_EACH_OPERATION})
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
        deals=Deals(*_rows(connection, _DEALS)[0]),
        asked=_number(connection, "select count(*) from conflicts where waits"),
        conflicts=_number(connection, "select count(*) from conflicts where not waits"),
        held_plans=_number(connection, "select count(*) from plan.plan where state = 'held'"),
        last_plan=_number(
            connection, f"select count(*) from plan.change where plan_id = ({_LAST_PLAN}) and problem is null"
        ),
    )


#: A source record or a golden record that a sentence names.
_RECORD = r"((hubspot|salesforce)/\w+/\w+|[a-z]+-\d+)"
_DEALS = """
    select count(*), count(*) filter (hubspot_deal is not null and salesforce_opportunity is not null),
        (select count(*) from state.link where origin = 'created' and starts_with(golden_id, 'deal-')),
        count(*) filter (open), coalesce(sum(amount) filter (open), 0)::double,
        (select count(*) from tickets), (select count(distinct record_key) from activities)
    from deals
"""
_LAST_PLAN = "select max(plan_id) from plan.plan"
_NEWEST_OF_EACH_OPERATION = """
    from push.outbox qualify row_number() over (partition by op_id order by plan_id desc, run_id desc) = 1
"""


def _reach(connection: duckdb.DuckDBPyConnection, system: str, capability: str) -> Reach:
    """Of the last run: with our writes, and as it would be without them."""
    [row] = _rows(
        connection,
        """select question, without_writes, customers from reach
        where system = $system and capability = $capability order by run_id desc limit 1""",
        system=system,
        capability=capability,
    )
    return Reach(*row)


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


def _example(connection: duckdb.DuckDBPyConnection, mapping: KindMapping, one: str, other: str) -> Example | None:
    left, right = sorted((one, other))
    pairs = _rows(
        connection,
        """select tier, posterior, decided_by, evidence from matches
        where left_key = $left and right_key = $right""",
        left=left,
        right=right,
    )
    if not pairs:
        return None
    tier, posterior, decided_by, evidence = pairs[0]
    written = _rows(
        connection,
        f"""select system, field, new from push.outbox
        where state = '{OpState.LANDED}' and field <> '*'
            and golden_id in (select golden_id from golden.link where record_key = $key)
        order by list_position($fields, field), system""",
        key=left,
        fields=[field.name for field in mapping.fields],
    )
    return Example(
        records=(_described(connection, one), _described(connection, other)),
        tier=tier,
        posterior=posterior,
        decided_by=decided_by,
        evidence=tuple((line.startswith("+"), line[2:]) for line in evidence),
        written=tuple(
            (system, mapping.field(field).label.en, _joined(json.loads(new).values())) for system, field, new in written
        ),
    )


def _described(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[str, str]:
    """(CRM and object, the record before our writes in words)."""
    [(fields,)] = _rows(connection, "select fields from raw.record where record_key = $key", key=key)
    ours = _rows(connection, "select name, held_before from state.written where record_key = $key", key=key)
    values = json.loads(fields) | {name: json.loads(before or "null") for name, before in ours}
    name = _joined(values.get(part) for part in _NAMES)
    place = "".join(values.get(part) or "" for part in _PLACES)
    system, object_, _ = split_record_key(key)
    words = (name, place, *(str(values.get(part) or "") for part in _OTHERS))
    return f"{system.label} {object_}", " · ".join(word for word in words if word)


def _joined(values: Any) -> str:
    return " ".join(str(value) for value in values if value not in (None, ""))


def _number(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> int:
    [(number,)] = _rows(connection, query, **values)
    return int(number)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return list(connection.execute(query, values or None).fetchall())
