"""From keys to pairs: the temporary table `pair`.

Belongs here: joining the blocks that fit, pairs of touched records only. Not here: keys (keys.py), what is told of the
coverage (coverage.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.match.blocking import coverage
from crm_pipeline.match.blocking.rules import fits
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Blocks of more than one record. `keys`: all, or those of touched records.
_SIZE = """
create or replace temp table block_size as
select any_value(rule) as rule, key, count(*) as n, count(*) filter (probe) as probes,
    any_value(parent) is not null as refined
from match.block_key {keys} where kind = $kind {which} group by key having count(*) > 1
"""

#: Blocks worth joining: with somebody to be compared, and not too large.
_BLOCK = """
create or replace temp table block as
select k.rule, k.key, k.id, k.probe, s.refined
from match.block_key k join (select key, refined from block_size where probes > 0 and {fits}) s using (key)
where k.kind = $kind
"""

_THEIR_KEYS = """
semi join (select distinct key from match.block_key semi join touched using (id) where kind = $kind) using (key)
"""

_BITS = "bit_or(1::ubigint << a.rule) as rules, bit_or(if(a.refined, 1::ubigint << a.rule, 0)) as refined"

_ALL = """
select (a.id::ubigint << 32) | b.id as pair, {rules}
from block a join block b on a.key = b.key and a.id < b.id and (a.probe or b.probe)
"""

_TOUCHED = """
select (least(a.id, b.id)::ubigint << 32) | greatest(a.id, b.id) as pair, {rules}
from (from block semi join touched using (id)) a
join block b on a.key = b.key and a.id <> b.id and (a.probe or b.probe)
"""


def pairs(connection: Connection, kind: Kind, settings: Settings) -> None:
    """Make the temporary table `pair` (l, r, rules, refined) of all pairs with a record in `touched`; l < r.

    `rules`: a bit for each rule that brings the pair; `refined`: those of them that do by a second key. Where all
    records are touched, match.coverage is made anew.
    """
    everybody = _everybody(connection, kind)
    if everybody and _there(connection, kind):
        return
    connection.execute("drop table if exists temp.all_pairs")
    counted = everybody and _is_table(connection, "first_size")
    connection.execute(
        _SIZE.format(keys="" if everybody else _THEIR_KEYS, which="and parent is not null" if counted else ""),
        {"kind": kind},
    )
    if counted:
        connection.execute("insert into block_size by name select *, false as refined from first_size")
        connection.execute("drop table first_size")
    connection.execute(_BLOCK.format(fits=fits(kind)), {"kind": kind})
    found = (_ALL if everybody else _TOUCHED).format(rules=_BITS)
    connection.execute(
        "create or replace temp table pair as "
        "select (pair >> 32)::integer as l, (pair & 4294967295)::integer as r, rules, refined "
        f"from ({found} group by pair)"
    )
    if everybody:
        coverage.report(connection, kind)
        connection.execute("create temp table all_pairs as select $kind as kind", {"kind": kind})
    connection.execute("drop table block; drop table block_size")


def _everybody(connection: Connection, kind: Kind) -> bool:
    row = connection.execute(
        f"select (select count(*) from touched) = (select count(*) from match.{kind.value})"
    ).fetchone()
    return bool(row and row[0])


def _is_table(connection: Connection, name: str) -> bool:
    found = "select 1 from duckdb_tables() where temporary and table_name = ?"
    return connection.execute(found, [name]).fetchone() is not None


def _there(connection: Connection, kind: Kind) -> bool:
    """Whether `pair` has all pairs already, as after making a model; keys that change are told by refresh_keys."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where temporary and table_name in ('pair', 'all_pairs')"
    ).fetchall()
    return len(tables) == 2 and connection.execute("from all_pairs").fetchall() == [(kind.value,)]
