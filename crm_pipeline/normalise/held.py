"""What each record held before our own writes: a value that we wrote ourselves is no evidence (law 49).

Belongs here: reading the fields that have a role in matching, and telling our writes from everybody else's. Not here:
keys (stage.py and the pure modules), remembering the writes (push/outbox.py).
"""

from __future__ import annotations

from crm_pipeline.canonical import canonical
from crm_pipeline.config import Settings
from crm_pipeline.model import Kind, split_record_key
from crm_pipeline.warehouse import Connection


def load(connection: Connection, settings: Settings) -> None:
    """Make the temporary table `held` (record_key, kind, role, field, raw): each live record's fields with a role.

    `field` is the field's place in the mapping. While a field K-equals what we last wrote there, or what the CRM made
    of it, `raw` is what it held before. A path over a relation (Account.Name) goes by what we wrote to that record.
    """
    connection.execute(_SAID)
    for kind in Kind:
        mapping = settings.mapping.of(kind)
        for system, object_ in mapping.objects:
            roles = list(mapping.roles(object_))
            connection.execute(
                _INSERT_SAID,
                {
                    "system": system,
                    "object": object_,
                    "roles": [role for role, _ in roles],
                    "names": [name for _, name in roles],
                },
            )
    connection.execute(_WRITTEN)
    _compare_canonical_forms(connection, settings)
    connection.execute(_HELD)


def _compare_canonical_forms(connection: Connection, settings: Settings) -> None:
    """Our write in another spelling (a re-saved number, an address in capitals) is still our write."""
    rows = connection.execute(
        "select record_key, role, field, source_key, source_name, raw, value, observed from written where not ours"
    ).fetchall()
    same = [
        (record_key, role, field)
        for record_key, role, field, source_key, source_name, raw, *written in rows
        if _is_same(settings, source_key, source_name, raw, written)
    ]
    if same:
        connection.executemany(
            "update written set ours = true where record_key = ? and role = ? and field = ?",
            same,
        )


def _is_same(settings: Settings, key: str, name: str, raw: str | None, written: list[str | None]) -> bool:
    """Whether `raw` K-equals what we wrote or what the CRM made of it; `written` has both, the latter if known."""
    system, object_, _ = split_record_key(key)
    fields = settings.mapping.kind_of(object_).fields
    field = next((f for f in fields if f.has(object_) and name in f.names(object_)), None)
    if field is None:
        return False

    def form(text: str | None) -> tuple[str, ...]:
        return canonical(field, system, (text,), region=settings.phone_region)

    value, observed = written
    return form(raw) == form(value) or (observed is not None and form(raw) == form(observed))


_SAID = """
create or replace temp table said (
    record_key varchar, kind varchar, role varchar, field integer, raw varchar, source_key varchar, source_name varchar
)
"""

#: `source_key` and `source_name`: where a write would have changed the value.
_INSERT_SAID = """
insert into said
with asked as (
    select unnest($roles::varchar[]) as role, unnest($names::varchar[]) as name,
        unnest(range(len($roles::varchar[]))) as field
)
select r.record_key, r.kind, a.role, a.field, r.fields ->> a.name,
    if(contains(a.name, '.'), x.system || '/' || x.to_object || '/' || x.to_id, r.record_key),
    if(contains(a.name, '.'), substr(a.name, instr(a.name, '.') + 1), a.name)
from raw.record r
cross join asked a
left join raw.association x on contains(a.name, '.') and x.system = r.system and x.from_object = r.object
    and x.from_id = r.record_id and x.to_object = split_part(a.name, '.', 1) and x.is_primary
where r.system = $system and r.object = $object and r.retired is null
"""

_WRITTEN = """
create or replace temp table written as
select *, coalesce(trim(raw), '') in (coalesce(trim(value), ''), coalesce(trim(observed), trim(value), '')) as ours
from (
    select s.*, w.value ->> '$' as value, w.observed ->> '$' as observed, w.held_before ->> '$' as held_before
    from said s join state.written w on w.record_key = s.source_key and w.name = s.source_name
)
"""

_HELD = """
create or replace temp table held as
select s.record_key, s.kind, s.role, s.field, if(w.ours, w.held_before, s.raw) as raw
from said s left join written w using (record_key, role, field)
"""
