"""What a run read and whom it found to be one customer.

Belongs here: reading counts, links, the review and duplicates. Not here: what was written (outcome.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

#: Of pairs, and of duplicates, that are shown one by one.
MOST_PAIRS = 15


@dataclass(frozen=True)
class Read:
    """An object of a CRM after it was read. `there` None: it could not be read; `changed`: records in which this run
    saw something new, None where a later run may have moved them; `made`, `forecast`: calls."""

    system: System
    object: str
    here: int
    there: int | None
    method: str
    explained: str
    changed: int | None
    quarantined: int
    made: int
    forecast: int


@dataclass(frozen=True)
class Pair:
    """Two records that are one customer, or may be. `evidence`: pieces as match/evidence writes them; `decided_by`: the
    person who said so."""

    kind: str
    posterior: float
    left_key: str
    right_key: str
    evidence: Sequence[Mapping[str, Any]]
    decided_by: str | None


@dataclass(frozen=True)
class Duplicate:
    """A proposal to merge two records inside a CRM. `differ`: mapped fields in which they do."""

    kind: str
    system: System
    winner_key: str
    loser_key: str
    reason: str
    differ: tuple[str, ...]


@dataclass(frozen=True)
class Matches:
    """`linked`: (kind, by a person) -> new links of the run; `waiting`: (kind, tier) -> pairs in review."""

    linked: Mapping[tuple[str, bool], int]
    newest: tuple[Pair, ...]
    waiting: Mapping[tuple[str, str], int]
    surest: tuple[Pair, ...]
    duplicates: Mapping[tuple[System, str], int]
    proposals: tuple[Duplicate, ...]


def read(connection: Connection, run_id: int, *, is_newest: bool) -> tuple[Read, ...]:
    """Every object that the run read, or meant to."""
    rows = connection.execute(
        """
        with changed as (select system, object, count(*) as number from raw.record where run_id = $run group by all),
        held as (
            select system, object, count(distinct record_id) as number from raw.quarantine
            where run_id <= $run and coalesce(released_run > $run, true) group by all
        )
        select r.system, r.object, r.here, r.there, r.method, r.explained, coalesce(c.number, 0), coalesce(h.number, 0),
            coalesce(k.made, 0), coalesce(k.forecast, 0)
        from raw.reconciliation r
        left join changed c using (system, object)
        left join held h using (system, object)
        left join raw.call k on k.run_id = r.run_id and k.system = r.system and k.object = r.object
        where r.run_id = $run order by all
        """,
        {"run": run_id},
    ).fetchall()
    return tuple(
        Read(System(system), object_, here, there, method, explained, changed if is_newest else None, *rest)
        for system, object_, here, there, method, explained, changed, *rest in rows
    )


def matches(connection: Connection, run_id: int) -> Matches:
    """As the database has them now: the run must be the newest."""
    connection.execute(
        """
        create or replace temp table new_link as
        select p.kind, p.posterior, p.left_key, p.right_key, p.evidence,
            if(d.verdict = 'match', d.decided_by, null) as said_by
        from match.pair p
        join golden.link l on l.record_key = p.left_key and l.retired is null
        join golden.link r on r.record_key = p.right_key and r.retired is null and r.golden_id = l.golden_id
        left join match.said d on d.left_key = p.left_key and d.right_key = p.right_key
        where greatest(l.since_run, r.since_run) = ? and l.system <> r.system
            and (p.tier = 'auto' or d.verdict = 'match')
        """,
        [run_id],
    )
    linked = connection.execute(
        "select kind, said_by is not null, count(*) from new_link group by all order by all"
    ).fetchall()
    waiting = connection.execute("select kind, tier, count(*) from match.review group by all order by all").fetchall()
    duplicates = connection.execute(
        "select system, object, count(*) from plan.proposal group by all order by all"
    ).fetchall()
    found = Matches(
        {(kind, by_person): number for kind, by_person, number in linked},
        _pairs(
            connection,
            "select kind, posterior, left_key, right_key, evidence, said_by from new_link order by posterior",
        ),
        {(kind, tier): number for kind, tier, number in waiting},
        _pairs(
            connection,
            "select kind, posterior, left_key, right_key, evidence, null from match.review order by posterior desc",
        ),
        {(System(system), object_): number for system, object_, number in duplicates},
        _proposals(connection),
    )
    connection.execute("drop table new_link")
    return found


def _pairs(connection: Connection, ordered: str) -> tuple[Pair, ...]:
    rows = connection.execute(f"{ordered}, left_key, right_key limit {MOST_PAIRS}").fetchall()
    return tuple(
        Pair(kind, posterior, left, right, json.loads(evidence), by)
        for kind, posterior, left, right, evidence, by in rows
    )


def _proposals(connection: Connection) -> tuple[Duplicate, ...]:
    rows = connection.execute(
        "select split_part(golden_id, '-', 1), system, winner_key, loser_key, reason, fields from plan.proposal "
        f"order by golden_id, winner_key, loser_key limit {MOST_PAIRS}"
    ).fetchall()
    return tuple(
        Duplicate(
            kind,
            System(system),
            winner,
            loser,
            reason,
            tuple(name for name, held in json.loads(fields).items() if held["winner"] != held["loser"]),
        )
        for kind, system, winner, loser, reason, fields in rows
    )
