"""What each record held before our own writes: a value that we wrote ourselves is no evidence (law 49).

Belongs here: reading the fields that have a role in matching, and telling our writes from everybody else's. Not here:
which records are read (changes.py), keys (record.py and the pure modules), remembering the writes (push/outbox.py).
"""

from __future__ import annotations

from crm_pipeline.canonical import canonical
from crm_pipeline.config import Settings
from crm_pipeline.model import MATCHED, split_record_key
from crm_pipeline.warehouse import Connection


def load(connection: Connection, settings: Settings) -> None:
    """Make the temporary relation `held` (n, role, field, raw) of the records of `subject`: what has a role, no blank.

    `field` is the field's place in the mapping. While a field K-equals what we last wrote there, or what the CRM made
    of it, `raw` is what it held before. A path over a relation (Account.Name) goes by what we wrote to that record.
    """
    connection.execute(_TABLES)
    for slot, (kind, system, object_, field, role, name) in enumerate(_asked(settings)):
        relation, _, own = name.rpartition(".")
        connection.execute(
            "insert into asked values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [slot, kind, system, object_, field, role, name, relation, own],
        )
    for (system, object_), slots in _by_object(connection).items():
        connection.execute(
            _INSERT_SAID,
            {
                "system": system,
                "object": object_,
                "slots": [slot for slot, _ in slots],
                "paths": [f'$."{name}"' for _, name in slots],
            },
        )
    connection.execute(_WRITTEN)
    _compare_canonical_forms(connection, settings)
    connection.execute(_HELD)


def _asked(settings: Settings) -> list[tuple[str, str, str, int, str, str]]:
    """(kind, system, object, field's place, role, CRM field) of every field with a role."""
    return [
        (kind, system, object_, field, role, name)
        for kind in MATCHED
        for system, object_ in settings.mapping.of(kind).objects
        for field, (role, name) in enumerate(settings.mapping.of(kind).roles(object_))
    ]


def roles_of(settings: Settings) -> str:
    """What is asked of the records, as a text: keys are made anew when it changes."""
    return repr([tuple(map(str, row)) for row in _asked(settings)])


def _by_object(connection: Connection) -> dict[tuple[str, str], list[tuple[int, str]]]:
    rows = connection.execute("select system, object, slot, name from asked order by slot").fetchall()
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for system, object_, slot, name in rows:
        found.setdefault((system, object_), []).append((slot, name))
    return found


def _compare_canonical_forms(connection: Connection, settings: Settings) -> None:
    """Our write in another spelling (a re-saved number, an address in capitals) is still our write."""
    rows = connection.execute(
        "select n, slot, source_key, source_name, raw, value, observed from written where not ours"
    ).fetchall()
    same = [
        (n, slot)
        for n, slot, source_key, source_name, raw, *written in rows
        if _is_same(settings, source_key, source_name, raw, written)
    ]
    if same:
        connection.executemany("update written set ours = true where n = ? and slot = ?", same)


def _is_same(settings: Settings, key: str, name: str, raw: str | None, written: list[str | None]) -> bool:
    """Whether `raw` K-equals what we wrote or what the CRM made of it; `written` has both, the latter if known."""
    system, object_, _ = split_record_key(key)
    fields = (f for kind in settings.mapping.kinds_of(object_) for f in kind.fields)
    field = next((f for f in fields if f.has(object_) and name in f.names(object_)), None)
    if field is None:
        return False

    def form(text: str | None) -> tuple[str, ...]:
        return canonical(field, system, (text,), region=settings.phone_region, zone=settings.zone)

    value, observed = written
    return form(raw) == form(value) or (observed is not None and form(raw) == form(observed))


_TABLES = """
create or replace temp table asked (
    slot integer, kind varchar, system varchar, object varchar, field integer, role varchar, name varchar,
    relation varchar, own_name varchar
);
create or replace temp table said (n integer, slot integer, raw varchar);
"""

#: One JSON document is parsed once for all its fields.
_INSERT_SAID = """
insert into said
select n, slot, raw from (
    select n, unnest($slots::integer[]) as slot, unnest(raws) as raw
    from (
        select s.n, json_extract_string(r.fields, $paths::varchar[]) as raws
        from raw.record r join subject s on s.record_key = r.record_key
        where r.system = $system and r.object = $object and r.retired is null
    )
)
where trim(raw) <> ''
"""

#: `source_key` and `source_name`: where a write changed the value.
_WRITTEN = """
create or replace temp table written as
select *, coalesce(trim(raw), '') in (coalesce(trim(value), ''), coalesce(trim(observed), trim(value), '')) as ours
from (
    select t.n, t.slot, t.source_key, t.source_name, s.raw,
        t.value ->> '$' as value, t.observed ->> '$' as observed, t.held_before ->> '$' as held_before
    from (
        select s.n, a.slot, w.record_key as source_key, w.name as source_name, w.value, w.observed, w.held_before
        from state.written w
        join subject s on s.record_key = w.record_key
        join asked a on a.system = s.system and a.object = s.object and a.relation = '' and a.own_name = w.name
        union all
        select s.n, a.slot, w.record_key, w.name, w.value, w.observed, w.held_before
        from state.written w
        join raw.association x on x.is_primary
            and w.record_key = x.system || '/' || x.to_object || '/' || x.to_id
        join asked a on a.system = x.system and a.object = x.from_object and a.relation = x.to_object
            and a.own_name = w.name
        join subject s on s.record_key = x.system || '/' || x.from_object || '/' || x.from_id
    ) t
    left join said s using (n, slot)
)
"""

_HELD = """
create or replace temp view held as
select s.n, a.role, a.field, s.raw
from said s join asked a using (slot) anti join written w using (n, slot)
union all
select w.n, a.role, a.field, if(w.ours, w.held_before, w.raw)
from written w join asked a using (slot)
where trim(if(w.ours, w.held_before, w.raw)) <> ''
"""
