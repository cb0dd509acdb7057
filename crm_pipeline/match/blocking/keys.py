"""Keys of each record, kept from run to run: match.block_key.

Belongs here: keys of changed records, and the second keys that refine blocks which are too large. Not here: the rules
(rules.py), the pairs (pairs.py). Cost: that of the changed records and a few scans of the keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.match.blocking.rules import MACROS, RULES, Rule, fits, version
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

_SIZE = "count(*) as n, count(*) filter (probe) as probes"

#: Blocks of which a record came or went: their size now, and what it was.
_RESIZED = """
create or replace temp table resized as
with moved as (
    select rule, key, count(*) as n, count(*) filter (probe) as probes from arrived group by all
    union all
    select rule, key, -count(*), -count(*) filter (probe) from departed group by all
), change as (select rule, key, sum(n)::bigint as n, sum(probes)::bigint as probes from moved group by rule, key),
now as (
    select key, count(*) as n, count(*) filter (probe) as probes
    from match.block_key semi join change using (key) where kind = $kind group by key
), size as (
    select c.rule, c.key, coalesce(now.n, 0) as n, coalesce(now.probes, 0) as probes,
        coalesce(now.n, 0) - c.n as n_before, coalesce(now.probes, 0) - c.probes as probes_before
    from change c left join now using (key)
)
select b.rule, b.key, {now} as fits, {before} as fitted from size b
"""


def refresh_keys(connection: Connection, kind: Kind) -> None:
    """Bring match.block_key up to date for the temporary tables `changed` (id) and `gone` (id, record_key).

    Leaves the temporary table `touched` (id): the changed records, and the members of blocks that became too large or
    no longer are. All records are touched where keys are made by other rules than before; their first keys are counted
    in `first_size` (rule, key, n, probes: blocks of more than one record) then.
    """
    connection.execute(MACROS)
    connection.execute("drop table if exists temp.first_size")
    known = connection.execute("select version from match.block_rules where kind = ?", [kind]).fetchall()
    if known != [(version(kind),)] or _most_changed(connection, kind):
        _anew(connection, kind)
    elif connection.execute("select 1 from changed union all select 1 from gone").fetchall():
        _again(connection, kind)
    else:
        connection.execute("create or replace temp table touched (id integer)")
        return
    connection.execute("drop table if exists temp.all_pairs")
    for table in ("subject", "arrived", "departed", "resized", "large"):
        connection.execute(f"drop table if exists temp.{table}")


def _most_changed(connection: Connection, kind: Kind) -> bool:
    """Whether to begin from scratch is less work; the result is the same."""
    row = connection.execute(
        f"select (select count(*) from changed), (select count(*) from match.{kind.value})"
    ).fetchone() or (0, 0)
    return bool(row[0] * 4 > row[1])


def _anew(connection: Connection, kind: Kind) -> None:
    connection.execute("delete from match.block_key where kind = ?", [kind])
    connection.execute("delete from match.block_rules where kind = ?", [kind])
    connection.execute("insert into match.block_rules values (?, ?)", [kind, version(kind)])
    connection.execute(f"create or replace temp table touched as select id from match.{kind.value}")
    connection.execute(f"create or replace temp view subject_now as from match.{kind.value}")
    _insert_keys(connection, kind, "match.block_key", RULES[kind])
    connection.execute(
        f"create or replace temp table first_size as select any_value(rule) as rule, key, {_SIZE} "
        "from match.block_key where kind = ? group by key having count(*) > 1",
        [kind],
    )
    connection.execute(f"create or replace temp table large as select rule, key from first_size where not {fits(kind)}")
    connection.execute(
        "create or replace temp table arrived as "
        "select rule, key, id, probe from match.block_key semi join large using (key) where kind = ?",
        [kind],
    )
    _insert_refined(connection, kind)
    connection.execute("drop view subject_now")


def _again(connection: Connection, kind: Kind) -> None:
    connection.execute("create or replace temp table renewed as select id from changed union select id from gone")
    connection.execute(
        "create or replace temp table outgoing as select rule, key, id, probe, parent from match.block_key "
        "semi join renewed using (id) where kind = ?",
        [kind],
    )
    connection.execute("delete from match.block_key where kind = ? and id in (from renewed)", [kind])
    connection.execute(
        f"create or replace temp view subject_now as from match.{kind.value} where id in (select id from changed)"
    )
    connection.execute("create or replace temp table incoming as select * exclude (kind) from match.block_key limit 0")
    _insert_keys(connection, kind, "incoming", RULES[kind])
    connection.execute("insert into match.block_key by name select $kind as kind, * from incoming", {"kind": kind})
    connection.execute("create or replace temp table arrived as from incoming")
    connection.execute("create or replace temp table departed as from outgoing where parent is null")
    _resize(connection, kind)
    connection.execute("create or replace temp table flipped as select key from resized where fits <> fitted")
    _refine_again(connection, kind)
    connection.execute("insert into flipped select key from resized where fits <> fitted")
    connection.execute(
        "create or replace temp table touched as select id from changed "
        "union select id from match.block_key semi join flipped using (key) where kind = ?",
        [kind],
    )
    connection.execute("drop view subject_now")
    for table in ("renewed", "outgoing", "incoming", "flipped"):
        connection.execute(f"drop table temp.{table}")


def _refine_again(connection: Connection, kind: Kind) -> None:
    """Second keys: of records that came into large blocks, and of all records of blocks that flipped."""
    connection.execute(
        "create or replace temp table departed as select rule, key, id, probe from outgoing where parent is not null "
        "union all select rule, key, id, probe from match.block_key "
        "where kind = ? and parent in (select key from resized where fits and not fitted)",
        [kind],
    )
    connection.execute(
        "delete from match.block_key where kind = ? and parent in (select key from resized where fits and not fitted)",
        [kind],
    )
    connection.execute(
        """
        create or replace temp table arrived as
        select rule, key, id, probe from incoming semi join (from resized where not fits and not fitted) using (key)
        union all
        select rule, key, id, probe from match.block_key semi join (from resized where not fits and fitted) using (key)
        where kind = ?
        """,
        [kind],
    )
    connection.execute(f"create or replace temp view subject_now as from match.{kind.value}")
    _insert_refined(connection, kind)
    _resize(connection, kind)


def _resize(connection: Connection, kind: Kind) -> None:
    before = fits(kind).replace("probes", "probes_before").replace("(n ", "(n_before ").replace("* n ", "* n_before ")
    connection.execute(_RESIZED.format(now=fits(kind), before=before), {"kind": kind})


def _insert_keys(connection: Connection, kind: Kind, table: str, rules: Sequence[Rule]) -> None:
    """First keys of the records of the view `subject_now`."""
    connection.execute("create or replace temp table subject as from subject_now")
    columns = "$kind as kind, " if table == "match.block_key" else ""
    for place, rule in enumerate(rules):
        values = [f"v{number}" for number in range(rule.values)]
        key = f"hash({place}, {', '.join(values)})"
        present = " and ".join(f"{value} is not null" for value in values)
        rows = f"select id, {key} as key, probe from ({rule.rows}) t(id, {', '.join(values)}, probe) where {present}"
        if rule.several:
            rows = f"select id, key, bool_or(probe) as probe from ({rows}) group by id, key"
        connection.execute(
            f"insert into {table} by name select {columns}{place}::utinyint as rule, key, id, probe from ({rows})",
            {"kind": kind} if columns else {},
        )


def _insert_refined(connection: Connection, kind: Kind) -> None:
    """Second keys of the rows of `arrived`, into match.block_key; `arrived` is then those second keys."""
    keys = " ".join(
        f"when {place} then [{', '.join(map(_second_key, rule.refined_by))}]"
        for place, rule in enumerate(RULES[kind])
        if rule.refined_by
    )
    connection.execute(
        f"""
        create or replace temp table refined as
        select rule, key, id, probe, parent from (
            select a.rule, unnest(case a.rule {keys} end) as key, a.id, a.probe, a.key as parent
            from arrived a join subject_now s using (id)
        ) where key is not null
        """
    )
    connection.execute("insert into match.block_key by name select $kind as kind, * from refined", {"kind": kind})
    connection.execute("create or replace temp table arrived as select rule, key, id, probe from refined")
    connection.execute("drop table refined")


def _second_key(column: str) -> str:
    return f"if({column} is null, null, hash(a.key, '{column}', {column}))"
