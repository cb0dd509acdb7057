"""Which records of the kinds that are never matched are counterparts: what links say, as tables for entity.py.

Belongs here: deals, tickets, tasks and activities. Two records are one when we created one for the other (state.link),
when a field of one holds the other's id, as other software left it (`linked_by` in the mapping), when a person said so,
when their CRM merged them, or when they were one before; never because they look alike. The key that we write on what
we create is no evidence: another warehouse has given the same numbers to other records. Not here: ids (entity.py).
"""

from __future__ import annotations

import json

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

#: What the links follow from beside their inputs: counted up when this package decides otherwise than before.
_VERSION = 1


def unchanged(connection: Connection, settings: Settings, mapping: KindMapping) -> bool:
    """Whether nothing happened to a kind since its golden records were made; else what they follow from is noted.

    The records are asked by their digests, so that a quiet night does not touch what they say.
    """
    kind = mapping.kind
    told = " union all ".join(
        f"select hash('{object_}', record_id, digest, run_id, created_at, modified_at, changed::varchar, retired) "
        f"as told from raw.{system}_{object_.lower()}"
        for system, object_ in mapping.objects
    )
    row = connection.execute(
        f"""
        with link as (from state.link where starts_with(golden_id, $ids)),
            agreed as (from state.agreed where starts_with(golden_id, $ids))
        select hash(
            (select hash(bit_xor(told), count(*)) from ({told})),
            (select hash(bit_xor(hash(record_key, golden_id)), count(*)) from link),
            (select bit_xor(hash(golden_id, field, value::varchar)) from agreed),
            (select count(*) from state.decision), (select count(*) from raw.tombstone),
            (select bit_xor(hash(system, user_id, lower(e_mail))) from raw.user), $context
        )
        """,
        {
            "ids": f"{kind}-",
            "context": f"{_VERSION} {settings.phone_region} {settings.time_zone} {mapping.model_dump_json()}",
        },
    ).fetchone()
    assert row
    known = connection.execute("select inputs from golden.followed where kind = ?", [kind]).fetchone()
    if known == row:
        return True
    connection.execute("delete from golden.followed where kind = ?", [kind])
    connection.execute("insert into golden.followed values (?, ?)", [kind, row[0]])
    return False


def read(connection: Connection, mapping: KindMapping) -> None:
    """The temporary tables `source` and `clustered` (entity.py) of a kind. Needs `known_link`, `known_anchor` and
    `became` (gone, survivor)."""
    _read_sources(connection, mapping)
    connection.execute(_SAME)
    connection.execute(
        "create or replace temp table label as select distinct unnest([one, other]) as node, node as label from same"
    )
    while connection.execute(_SPREAD).fetchone():
        connection.execute("create or replace temp table label as select node, nearer as label from spread")
    connection.execute(_CLUSTERED)
    for table in ("same", "label", "spread", "partner"):
        connection.execute(f"drop table if exists {table}")


def switched_on(connection: Connection, settings: Settings) -> None:
    """Bring state.creating up to the mapping: since when records of each linked kind are created in a CRM.

    What was read when it was switched on is old: it may be on both sides, unlinked. A kind that has not been read yet
    waits for the next run.
    """
    wanted = [
        (mapping.kind, system)
        for mapping in settings.mapping.linked
        for system in System
        if any(switch.towards(system) == "create" for switch in mapping.salesforce.values())
    ]
    pairs = [f"{kind} {system}" for kind, system in wanted]
    connection.execute("delete from state.creating where not list_contains(?, kind || ' ' || system)", [pairs])
    for kind, system in wanted:
        objects = [f"{at} {object_}" for at, object_ in settings.mapping.of(kind).objects]
        connection.execute(
            "insert into state.creating select $kind, $system, min(read_until) from raw.watermark "
            "where list_contains($objects, system || ' ' || object) and not exists "
            "(from state.creating where kind = $kind and system = $system) having count(*) = len($objects)",
            {"kind": kind, "system": system, "objects": objects},
        )


def _read_sources(connection: Connection, mapping: KindMapping) -> None:
    """`source`, and `partner (record_key, other_key)`: the counterparts that the records' own fields name."""
    connection.execute(
        "create or replace temp table source (record_key varchar, created_at timestamptz, retired varchar, "
        "survivor varchar)"
    )
    connection.execute("create or replace temp table partner (record_key varchar, other_key varchar)")
    for system, object_ in mapping.objects:
        table, start = f"raw.{system}_{object_.lower()}", f"{system}/{object_}/"
        meant, values = _meant(mapping, system, object_)
        connection.execute(
            f"""
            insert into source
            select $start || record_id, created_at, retired, survivor
            from {table} left join became on gone = $start || record_id where {meant}
            """,
            {"start": start, **values},
        )
        name = mapping.link_field(object_)
        for pair in mapping.counterparts if name else ():
            if object_ in (pair.hubspot, pair.salesforce):
                other = pair.salesforce if system is System.HUBSPOT else pair.hubspot
                # Salesforce's ids are 18 characters, of which the first 15 are the id and the rest is a checksum.
                same = "left(o.record_id, 15) = left(named, 15)" if system is System.HUBSPOT else "o.record_id = named"
                connection.execute(
                    f"""
                    insert into partner
                    select $start || r.record_id, $other || o.record_id
                    from (select record_id, trim(json_extract_string(fields, $path)) as named from {table}
                          where retired is null and named <> ''
                          qualify count(*) over (partition by named) = 1) r
                    join raw.{system.other}_{other.lower()} o on {same}
                    """,
                    {"start": start, "other": f"{system.other}/{other}/", "path": f"$.{json.dumps(name)}"},
                )


def _meant(mapping: KindMapping, system: System, object_: str) -> tuple[str, dict[str, object]]:
    """A condition for the records of an object that are of this kind, and its parameters.

    A record of which that cannot be told, because a field is not seen any more, stays what it was.
    """
    if system is System.HUBSPOT:
        return "true", {}
    ways: list[str] = []
    values: dict[str, object] = {}
    for number, pair in enumerate(mapping.counterparts):
        if pair.salesforce != object_:
            continue
        tests = ["true"]
        for place, (name, wanted) in enumerate(pair.only.items()):
            values |= {f"p{number}_{place}": f"$.{json.dumps(name)}", f"v{number}_{place}": list(wanted)}
            path = f"$p{number}_{place}"
            tests.append(
                f"case when json_type(fields, {path}) is null "
                "then $start || record_id in (select record_key from known_link) "
                f"else list_contains($v{number}_{place}, coalesce(json_extract_string(fields, {path}), '')) end"
            )
        ways.append(" and ".join(tests))
    return "(" + " or ".join(f"({way})" for way in ways) + ")", values


#: Two names of one thing, live record keys and golden ids alike.
_SAME = """
create or replace temp table same as
with linked as (
    select record_key, golden_id from known_link
    union all
    select s.record_key, coalesce(r.survivor_id, s.golden_id)
    from state.link s left join golden.redirect r on r.golden_id = s.golden_id
    semi join source using (record_key)
), told as (
    select record_key as one, golden_id as other from linked
    union all
    select record_key, other_key from partner
    union all
    select left_key, right_key from match.said where verdict = 'match'
), followed as (  -- what was merged away stands for its survivor
    select coalesce(a.survivor, one) as one, coalesce(b.survivor, other) as other
    from told left join became a on a.gone = one left join became b on b.gone = other
)
select distinct one, other from followed
where one in (select record_key from source where retired is null)
    and (contains(other, '/') is false or other in (select record_key from source where retired is null))
"""

#: A row as long as some node has a neighbour with a smaller label.
_SPREAD = """
create or replace temp table spread as
select l.node, least(l.label, min(n.label)) as nearer, any_value(l.label) as before
from label l
join (select one, other from same union all select other, one from same) e on e.one = l.node
join label n on n.node = e.other
group by l.node, l.label;
select 1 from spread where nearer <> before limit 1
"""

#: The label of each live record that has one. Of two that a person called different, the anchor stays, else the older.
_CLUSTERED = """
create or replace temp table clustered as
with labelled as (
    select record_key, label, created_at, record_key in (select anchor_key from known_anchor) as anchor
    from source join label on node = record_key where retired is null
), apart as (
    select case when (r.anchor, l.created_at, l.record_key) > (l.anchor, r.created_at, r.record_key)
        then l.record_key else r.record_key end as record_key
    from match.said s
    join labelled l on l.record_key = s.left_key
    join labelled r on r.record_key = s.right_key and r.label = l.label
    where s.verdict = 'not_a_match'
)
select record_key, case when a.record_key is null then label else record_key || ' alone' end as cluster
from labelled left join (select distinct record_key from apart) a using (record_key)
"""
