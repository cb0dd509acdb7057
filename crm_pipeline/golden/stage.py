"""The golden stage: from clusters and links to golden ids, the crosswalk and the golden values.

Belongs here: reading and writing golden.entity, link and redirect; rows that stay the same are not written. Not here:
which records are counterparts (match/, linked.py), who keeps which id (entity.py), values (values.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.golden import history, linked
from crm_pipeline.golden.entity import assign
from crm_pipeline.golden.values import write_values
from crm_pipeline.match.review.decisions import SURVIVORS
from crm_pipeline.model import LINKED, MATCHED, Kind
from crm_pipeline.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class GoldenResult:
    """Golden records with a live record, those minted in this run, and those that redirect to another since.

    `linked`: those of the kinds that are linked, never matched; of a kind to which nothing happened as they were.
    """

    people: int
    companies: int
    minted: int
    redirected: int
    linked: int = 0


#: What DuckDB may keep in memory; it works on disk beyond that.
_MEMORY = "1500MB"
#: Who was in the golden record of a record that is found merged or converted for the first time.
_COMPANIONS = """
insert into state.companion
select l.record_key, b.record_key
from golden.link l
join crosswalk c on c.record_key = l.record_key and c.retired is not null
join source s on s.record_key = l.record_key and s.survivor is not null
join golden.link b on b.golden_id = l.golden_id and b.record_key <> l.record_key and b.retired is null
where l.kind = ? and l.retired is null
"""


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> GoldenResult:
    """Carry golden ids on to the new clusters and links and compute every golden value. The same ones give the same
    ids."""
    with warehouse.connect(memory=_MEMORY) as connection:
        return make(connection, settings, run_id)


def make(connection: Connection, settings: Settings, run_id: int) -> GoldenResult:
    """`run` on a connection."""
    counts: dict[Kind, int] = {}
    minted = redirected = 0
    connection.execute(f"create or replace temp table became as {SURVIVORS}")
    linked.switched_on(connection, settings)
    for mapping in settings.mapping.kinds:
        kind = mapping.kind
        if kind in LINKED and linked.unchanged(connection, settings, mapping):
            counts[kind] = _number(connection, kind)
            continue
        before = _read(connection, kind)
        if kind in MATCHED:
            _read_clusters(connection, kind)
        else:
            linked.read(connection, mapping)
        last = assign(connection, kind, before)
        minted += last - before
        redirected += _write_entities(connection, kind, last, run_id)
        _write_links(connection, kind, run_id)
        counts[kind] = write_values(connection, settings, kind, run_id)
    others = sum(number for kind, number in counts.items() if kind in LINKED)
    return GoldenResult(counts[Kind.PERSON], counts[Kind.COMPANY], minted, redirected, others)


def _number(connection: Connection, kind: Kind) -> int:
    """Golden records of a kind with a live record."""
    (number,) = connection.execute(f"select count(*) from golden.{kind}").fetchone() or (0,)
    return int(number)


def _read_clusters(connection: Connection, kind: Kind) -> None:
    """What entity.py is told about a kind that is matched."""
    of = {"kind": kind}
    connection.execute(
        "create or replace temp table source as select record_key, created_at, retired, survivor "
        "from raw.record left join became on gone = record_key where kind = $kind",
        of,
    )
    connection.execute(
        "create or replace temp table clustered as select record_key, cluster from match.cluster where kind = $kind", of
    )


def _read(connection: Connection, kind: Kind) -> int:
    """What is known of a kind from earlier runs. Returns the last number given out."""
    of = {"kind": kind}
    connection.execute(
        "create or replace temp table known_anchor as select golden_id, anchor_key from golden.entity "
        "where kind = $kind",
        of,
    )
    connection.execute(
        """
        create or replace temp table known_link as
        select record_key, golden_id from golden.link where kind = $kind
        union all -- created by us and read for the first time: whatever became of the others, it stays with them;
        -- so does what it was merged or converted into before it was read; of several ids the oldest has it
        select c.record_key, arg_min(c.golden_id, split_part(c.golden_id, '-', 2)::bigint)
        from (
            select unnest([s.record_key, b.survivor]) as record_key, coalesce(r.survivor_id, s.golden_id) as golden_id
            from state.link s left join became b on b.gone = s.record_key
            left join golden.redirect r on r.golden_id = s.golden_id
            where s.origin = 'created' and starts_with(s.golden_id, $kind || '-')
              and s.record_key not in (select record_key from golden.link)
        ) c
        where c.record_key not in (select record_key from golden.link)
        group by c.record_key
        """,
        of,
    )
    row = connection.execute("select last from state.counter where kind = $kind", of).fetchone()
    return int(row[0]) if row else 0


def _write_entities(connection: Connection, kind: Kind, last: int, run_id: int) -> int:
    """Write golden.entity and golden.redirect, in which every redirect leads to its end in one step."""
    connection.execute(
        "delete from golden.entity where kind = ? and golden_id not in (select golden_id from assigned_anchor)", [kind]
    )
    connection.execute(
        "update golden.entity e set anchor_key = a.anchor_key from assigned_anchor a "
        "where a.golden_id = e.golden_id and a.anchor_key <> e.anchor_key"
    )
    connection.execute(
        "insert into golden.entity select golden_id, ?, anchor_key, ? from assigned_anchor "
        "anti join known_anchor using (golden_id)",
        [kind, run_id],
    )
    connection.execute(
        "update golden.redirect r set survivor_id = n.survivor_id from redirected n where n.golden_id = r.survivor_id"
    )
    connection.execute(
        "insert into golden.redirect select golden_id, survivor_id, ?, anchor_key from redirected", [run_id]
    )
    connection.execute("delete from state.counter where kind = ?", [kind])
    connection.execute("insert into state.counter values (?, ?)", [kind, last])
    (count,) = connection.execute("select count(*) from redirected").fetchone() or (0,)
    return int(count)


def _write_links(connection: Connection, kind: Kind, run_id: int) -> None:
    """Write golden.link. The primary of a side stays while it is there (that of the id that stays, where two meet),
    else a Contact comes before a Lead, then the oldest, then the smallest key."""
    connection.execute(
        """
        create or replace temp table crosswalk as
        select a.golden_id, a.record_key, split_part(a.record_key, '/', 1) as system,
            split_part(a.record_key, '/', 2) as object,
            regexp_extract(a.record_key, '^[^/]*/[^/]*/(.*)$', 1, 's') as record_id,
            r.retired is null and row_number() over (
                partition by a.golden_id, split_part(a.record_key, '/', 1)
                order by r.retired is not null, coalesce(l.is_primary and l.golden_id = a.golden_id, false) desc,
                    coalesce(l.is_primary, false) desc, split_part(a.record_key, '/', 2) = 'Lead',
                    r.created_at, a.record_key
            ) = 1 as is_primary,
            r.retired, case when l.golden_id = a.golden_id then l.since_run else $run end as since_run
        from assigned_link a join source r using (record_key)
        left join golden.link l on l.record_key = a.record_key and l.kind = $kind
        """,
        {"run": run_id, "kind": kind},
    )
    connection.execute(_COMPANIONS, [kind])
    history.keep_links(connection, kind, run_id)
    connection.execute(
        "create or replace temp table unchanged as select c.record_key from crosswalk c "
        "join golden.link l on l.record_key = c.record_key and l.kind = ? and l.golden_id = c.golden_id "
        "and l.is_primary = c.is_primary and l.retired is not distinct from c.retired",
        [kind],
    )
    connection.execute(
        "delete from golden.link where kind = ? and record_key not in (select record_key from unchanged)", [kind]
    )
    connection.execute(
        "insert into golden.link select golden_id, ?, record_key, system, object, record_id, is_primary, retired, "
        "since_run from crosswalk anti join unchanged using (record_key)",
        [kind],
    )
    connection.execute("drop table crosswalk; drop table unchanged")
