"""Where references stand: in look-up fields, in text properties that hold an id, and beside the records. SQL in.

Belongs here: reading what records refer to, over the crosswalk. Not here: what a reference means and becomes
(reference.py), extracting relations (extract/relations/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import has_main, leads_to
from crm_pipeline.model import Kind, Rule, System, Value
from crm_pipeline.plan.member import Base, Referred
from crm_pipeline.privacy import suppression
from crm_pipeline.warehouse import Connection

#: What a record's plan follows from beside the record: (record_key, inputs).
INPUTS = """
select record_key, bit_xor(hash(field, raw_id, main, golden_id)) as inputs
from referring group by record_key
"""

#: What an id leads to: a record that was read; or one that was merged or converted before it was ever read, and has no
#: row in the crosswalk: what it became stands for it.
_FOLLOWED = """
create or replace temp table unread as
select l.kind, t.system, t.object, t.record_id, l.golden_id from raw.tombstone t
join golden.link l on l.system = t.system and l.object = t.survivor_object and l.record_id = t.survivor_id
anti join golden.link known on known.system = t.system and known.object = t.object and known.record_id = t.record_id;
create or replace temp view followed as
select kind, system, object, record_id, golden_id from golden.link union all from unread
"""


@dataclass
class Refers:
    """Of one record: `fields`, relations as if they were fields, and what all of its references lead to. `unknown`:
    fields and relations that lead to a person who was erased: nothing is decided about them."""

    fields: dict[str, Value] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    leads: dict[tuple[Kind, str], Referred] = field(default_factory=dict)

    def over(self, held: Mapping[str, Value]) -> dict[str, Value]:
        """A record's fields with its relations, and without what is unknown."""
        return {name: value for name, value in (*held.items(), *self.fields.items()) if name not in self.unknown}


def stage(connection: Connection, mapping: KindMapping, *, within: str = "") -> bool:
    """Table `referring (record_key, field, kind, name, raw_id, main, golden_id)`: what live records refer to now.

    `within`: a table (golden_id) of those that are asked for. Returns False, and makes nothing, where the mapping has
    no references.
    """
    parts = [
        (_related if mapped.is_relation(object_) else _held)(mapped, system, object_, name)
        for mapped, system, object_, name in _places(mapping)
    ]
    if not parts:
        return False
    only = f"where record_key in (select record_key from golden.link semi join {within} using (golden_id))"
    connection.execute(_FOLLOWED)
    connection.execute(
        f"""
        create or replace temp table referring as
        select f.*, l.golden_id from (
            select * from ({" union all ".join(parts)}) {only if within else ""}
        ) f
        left join followed l on l.kind = f.kind and l.system = f.system and l.record_id = f.raw_id
            and (f.leads_to = '' or l.object = f.leads_to)
        """
    )
    _leave_out_erased(connection, mapping)
    return True


def _leave_out_erased(connection: Connection, mapping: KindMapping) -> None:
    """Of references to erased people nothing is decided. Table `unknown_reference (record_key, object, field)`: those
    of which a field holds one only; where it holds many, the one is left out."""
    suppression.stage_references(connection, "referring")
    erased = "referring f semi join suppressed_reference s using (system, kind, raw_id)"
    connection.execute(
        "create or replace temp table unknown_reference as "
        f"select distinct record_key, object, field from {erased} where field not in (select unnest(?::varchar[]))",
        [[mapped.name for mapped in mapping.fields if mapped.many]],
    )
    connection.execute(f"delete from referring where rowid in (select f.rowid from {erased})")


def read(
    connection: Connection, mapping: KindMapping, bases: Mapping[tuple[str, str], Mapping[str, Base]]
) -> dict[str, Refers]:
    """By record key, what the records of the golden records in the table `chunk` refer to, or did by their `bases`.

    A relation is the ids that it leads to, `;` between them; where it has a main one, that one alone.
    """
    found: dict[str, Refers] = defaultdict(Refers)
    places = {(m.name, o): (m, n) for m, _, o, n in _places(mapping)}
    if not places:
        return found
    known = _known(connection, mapping)
    connection.execute(
        "create or replace temp table based (record_key varchar, system varchar, kind varchar, raw_id varchar)"
    )
    based = [
        (key, key.partition("/")[0], mapping.field(name).refers_to, str(base.value[0]))
        for (_, key), held in bases.items()
        for name, base in held.items()
        if mapping.field(name).refers_to and base.value[0]
    ]
    if based:
        columns: list[list[str | None]] = [list(column) for column in zip(*based, strict=True)]
        connection.execute(
            "insert into based select unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), "
            "unnest(?::varchar[])",
            columns,
        )
    for key, object_ in connection.execute(
        "select record_key, object from golden.link semi join chunk using (golden_id) where retired is null"
    ).fetchall():
        found[key].fields.update(dict.fromkeys(known.get(object_, ())))
    rows = connection.execute(
        """
        with mine as (
            select record_key from golden.link semi join chunk using (golden_id) where retired is null
        ), leads as (
            select distinct record_key, kind, system, raw_id, golden_id from referring semi join mine using (record_key)
            union
            select b.record_key, b.kind, b.system, b.raw_id, l.golden_id from based b
            left join followed l on l.kind = b.kind and l.system = b.system and l.record_id = b.raw_id
        )
        select e.record_key, e.kind, e.raw_id, e.golden_id, list([l.system, l.object, l.record_id] order by
            not l.is_primary, l.record_key) filter (l.record_id is not null),
            any_value((from golden.link o select coalesce(bool_or(o.retired = 'deleted'), false)
                where o.golden_id = e.golden_id and o.system = e.system and o.record_id = e.raw_id))
        from leads e left join golden.link l on l.golden_id = e.golden_id and l.retired is null
        where e.golden_id is not null
        group by all
        """
    ).fetchall()
    for key, kind, raw_id, golden_id, records, deleted in rows:
        there = tuple((System(s), o, i) for s, o, i in records or ())
        found[key].leads[Kind(kind), raw_id] = Referred(golden_id, there, deleted)
    related = connection.execute(
        """
        select record_key, field, object, list(raw_id order by try_cast(raw_id as bigint), raw_id) as ids,
            list(raw_id order by raw_id) filter (main) as main
        from referring
        semi join (select record_key from golden.link semi join chunk using (golden_id)) using (record_key)
        where leads_to <> ''
        group by all
        """
    ).fetchall()
    for key, name, object_, ids, main in related:
        mapped, crm_name = places[name, object_]
        if crm_name in found[key].fields:
            several = mapped.many or not has_main(object_, crm_name)
            found[key].fields[crm_name] = ";".join(ids if several else main or ()) or None
    for key, name, object_ in connection.execute(
        "select record_key, field, object from unknown_reference "
        "semi join (select record_key from golden.link semi join chunk using (golden_id)) using (record_key)"
    ).fetchall():
        found[key].unknown.add(places[name, object_][1])
    return found


def _places(mapping: KindMapping) -> Iterator[tuple[FieldMapping, System, str, str]]:
    """(field, system, object, CRM field or relation) of every reference that is synced."""
    for mapped in mapping.fields:
        if mapped.refers_to is None or mapped.rule is Rule.DONT_SYNC:
            continue
        for system, object_ in mapping.objects:
            if mapped.has(object_):
                yield mapped, system, object_, mapped.names(object_)[0]


def _known(connection: Connection, mapping: KindMapping) -> dict[str, list[str]]:
    """By object, the relations that were read at least once: what stands there is all there is."""
    read_ = {
        (system, name) for system, name in connection.execute("select system, object from raw.watermark").fetchall()
    }
    known: dict[str, list[str]] = defaultdict(list)
    for mapped, system, object_, name in _places(mapping):
        if mapped.is_relation(object_) and (system, f"{object_}/{leads_to(name)}") in read_:
            known[object_].append(name)
    return known


def _held(mapped: FieldMapping, system: System, object_: str, name: str) -> str:
    value = f"fields ->> '$.\"{name}\"'"
    return (
        f"select '{system}/{object_}/' || record_id as record_key, '{mapped.name}' as field, "
        f"'{mapped.refers_to}' as kind, '{system}' as system, '{object_}' as object, {value} as raw_id, true as main, "
        f"'' as leads_to from raw.{system}_{object_.lower()} where retired is null and coalesce({value}, '') <> ''"
    )


def _related(mapped: FieldMapping, system: System, object_: str, name: str) -> str:
    return (
        f"select '{system}/{object_}/' || from_id as record_key, '{mapped.name}' as field, "
        f"'{mapped.refers_to}' as kind, '{system}' as system, '{object_}' as object, to_id as raw_id, "
        f"is_primary as main, '{leads_to(name)}' as leads_to from raw.association "
        f"where system = '{system}' and from_object = '{object_}' and to_object = '{leads_to(name)}'"
    )
