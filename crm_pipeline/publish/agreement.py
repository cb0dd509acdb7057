"""How far both CRMs agree after a run: compared again is what changed since the last time, everything else is kept.

Belongs here: publish.disagreement, publish.compared and publish.agreement. Not here: comparing one golden record
(agreeing.py), and the reasons in words (the view publish.drift).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System, Value, split_record_key
from crm_pipeline.plan import load
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.member import Member, Ruled
from crm_pipeline.publish import related_now
from crm_pipeline.publish.agreeing import Differing, differing
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert

#: How records are compared (agreeing.py). With another number all are compared anew.
_WAY = 2

#: Golden records read at once.
_PART = 20_000

#: Golden records with records on both sides, and what comparing them follows from: the records as they are now, and the
#: basis of their kind. Bases count where a decision or a write moved them, which `touched` names.
_INPUTS = """
create or replace temp table inputs_now as
select g.golden_id, any_value(g.kind) as kind,
    hash(bit_xor(hash(g.record_key, coalesce(r.digest, md5_number(r.fields::varchar)), p.fields::varchar)),
        any_value(b.basis)) as inputs
from golden_now g
join (select unnest($kinds::varchar[]) as kind, unnest($bases::varchar[]) as basis) b on b.kind = g.kind
left join raw.record r on r.record_key = g.record_key
left join patch p on p.system = g.system and p.object = g.object and p.record_id = g.record_id
group by g.golden_id having count(distinct g.system) = 2;

create or replace temp table to_compare as
select i.golden_id, i.kind from inputs_now i
anti join publish.compared c on c.golden_id = i.golden_id and c.inputs = i.inputs
union
select i.golden_id, i.kind from inputs_now i semi join (
    select golden_id from plan.decision semi join (
        from plan.plan where purpose = 'sync' qualify plan_id = max(plan_id) over () and state = 'applied'
    ) using (plan_id)
    union all
    select golden_id from push.outbox where run_id = $run and state = 'landed'
) touched using (golden_id);

delete from publish.disagreement
where golden_id in (select golden_id from to_compare) or golden_id not in (select golden_id from inputs_now);
delete from publish.compared;
insert into publish.compared select golden_id, inputs from inputs_now;
"""

#: Records of the golden records in question that were written or created since they were read.
_WRITTEN = """
select g.golden_id, g.record_key, p.fields, r.record_key is null as created
from golden_now g
semi join (select unnest(?::varchar[]) as golden_id) w using (golden_id)
join patch p on p.system = g.system and p.object = g.object and p.record_id = g.record_id
left join raw.record r on r.record_key = g.record_key
"""

#: One row for each field and reason of this run; what is not in publish.drift agrees.
_MEASURE = """
delete from publish.agreement where run_id = $run;
insert into publish.agreement
with shape as (
    select h.kind, h.object as hubspot, s.object as salesforce, count(*) as pairs
    from golden_now h join golden_now s on s.golden_id = h.golden_id and s.system = 'salesforce'
    where h.system = 'hubspot' group by all
),
field as (select distinct kind, field, rule, system, object from mapped),
total as (
    select p.kind, f.field, f.rule, sum(p.pairs) as pairs
    from shape p
    join field f on f.kind = p.kind and f.system = 'hubspot' and f.object = p.hubspot
    join field t on t.kind = p.kind and t.field = f.field and t.system = 'salesforce' and t.object = p.salesforce
    group by all
),
drift as (
    select split_part(golden_id, '-', 1) as kind, field, reason, count(*) as pairs from publish.drift group by all
)
select $run, now(), kind, field, rule, 'agree', pairs - coalesce(
    (select sum(d.pairs) from drift d where d.kind = t.kind and d.field = t.field), 0)
from total t
union all
select $run, now(), d.kind, d.field, t.rule, d.reason, d.pairs from drift d join total t using (kind, field);
"""


def refresh(connection: Connection, settings: Settings, run_id: int) -> int:
    """Compare what changed and measure this run. Returns how many golden records were compared.

    Reads the temporary tables of now.sql; nothing is compared before the first extract.
    """
    schemas = load.schemas(connection)
    if not schemas:
        return 0
    contexts = {m.kind: load.context(connection, settings, m.kind, schemas) for m in settings.mapping.kinds}
    bases = {"kinds": list(map(str, contexts)), "bases": [f"{context.basis} {_WAY}" for context in contexts.values()]}
    _execute(connection, _INPUTS, {**bases, "run": run_id})
    compared = 0
    for kind, context in contexts.items():
        fields = [Ruled.of(mapped, settings) for mapped in context.mapping.fields]
        rows = connection.execute("select golden_id from to_compare where kind = ? order by 1", [kind]).fetchall()
        compared += len(rows)
        for part in _parts([golden_id for (golden_id,) in rows]):
            found = _differing(connection, context, fields, part)
            insert(connection, "publish.disagreement", ({**vars(one), "cause": str(one.cause)} for one in found))
    _execute(connection, _MEASURE, {"run": run_id})
    return compared


def _execute(connection: Connection, statements: str, values: dict[str, object]) -> None:
    """Several statements, each with those of the values that it names."""
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _differing(
    connection: Connection, context: Context, fields: Sequence[Ruled], golden_ids: Sequence[str]
) -> Iterator[Differing]:
    entities = load.chosen(connection, context.mapping, golden_ids)
    written: dict[str, list[tuple[str, dict[str, Value], bool]]] = {}
    for golden_id, key, values, created in connection.execute(_WRITTEN, [list(golden_ids)]).fetchall():
        written.setdefault(golden_id, []).append((key, json.loads(values), created))
    laid = [
        _as_now(golden_id, members, written.get(golden_id, ()), context.mapping, connection)
        for golden_id, members, _ in entities.values()
    ]
    everyone = related_now.laid_over(connection, context.mapping, laid)
    for (golden_id, _, agreed), now in zip(entities.values(), everyone, strict=True):
        yield from differing(golden_id, now, agreed, fields, context)


def _as_now(
    golden_id: str,
    members: Sequence[Member],
    written: Iterable[tuple[str, dict[str, Value], bool]],
    mapping: KindMapping,
    connection: Connection,
) -> list[Member]:
    """The members with our writes laid over what was read; records that we created have joined them."""
    by_key = {m.key: m for m in members}
    for key, fields, created in written:
        if created:
            by_key[key] = _created(key, fields, members[0], mapping, connection)
        elif key in by_key:
            by_key[key] = replace(by_key[key], fields={**by_key[key].fields, **fields})
    return list(by_key.values())


def _created(key: str, fields: dict[str, Value], like: Member, mapping: KindMapping, connection: Connection) -> Member:
    """A record of ours that was not read yet: what it was created with, and what its CRM filled in by itself."""
    system, object_, record_id = split_record_key(key)
    rows = connection.execute(
        "select field, coalesce(observed, value) from state.base where record_key = ?", [key]
    ).fetchall()
    bases = {name: tuple(json.loads(value)) for name, value in rows}
    held: dict[str, Value] = dict.fromkeys(mapping.crm_fields(object_))
    held |= {f.names(object_)[0]: None for f in mapping.fields if f.has(object_) and f.is_relation(object_)}
    for mapped in mapping.fields:
        if mapped.has(object_) and mapped.name in bases:
            held |= dict(zip(mapped.names(object_), bases[mapped.name], strict=True))
    return Member(
        key=key,
        system=System(system),
        object=object_,
        record_id=record_id,
        created=like.created,
        modified=like.modified,
        primary=True,
        fields={**held, **fields},
        changed={},
        bases={},
    )


def _parts(golden_ids: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(golden_ids)
    while part := list(islice(remaining, _PART)):
        yield part
