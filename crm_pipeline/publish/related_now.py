"""References as they are now: relations that we wrote since they were read, and what ids of new records lead to.

Belongs here: laying landed relations over what was read. Reads the temporary tables of now.sql. Not here: fields, which
now.sql lays over (agreement.py), reading relations (plan/references/referring.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import has_main, is_relation
from crm_pipeline.model import Kind, System, Value
from crm_pipeline.plan.member import Member, Referred
from crm_pipeline.plan.references.reference import ids_in
from crm_pipeline.warehouse import Connection

#: (system, kind, record id) -> golden id.
_Golden = dict[tuple[str, Kind, str], str]


def laid_over(connection: Connection, mapping: KindMapping, entities: Iterable[Sequence[Member]]) -> list[list[Member]]:
    """The members of golden records with their references as they are now."""
    everyone = [list(members) for members in entities]
    fields = [f for f in mapping.fields if f.refers_to is not None]
    if not fields:
        return everyone
    written = _written(connection, [m.key for members in everyone for m in members])
    now = [[_related(mapping, member, written.get(member.key, ())) for member in members] for members in everyone]
    wanted = {
        (m.system.value, f.refers_to, one)
        for members in now
        for m in members
        for f in fields
        if f.has(m.object) and f.refers_to
        for one in ids_in(m.fields.get(f.names(m.object)[0]))
        if (f.refers_to, one) not in m.refers
    }
    golden = _golden(connection, sorted(one for _, _, one in wanted)) if wanted else {}
    new = {place: golden[place] for place in wanted if place in golden}
    return [[_leading(member, new) for member in members] for members in now]


def _written(connection: Connection, keys: Sequence[str]) -> dict[str, list[tuple[str, str, Value, Value]]]:
    """Record key -> (relation, field, id before, id now) of landed writes, in their order."""
    rows = connection.execute(
        """
        select system || '/' || object || '/' || record_id as record_key, field, old, new from landed_since
        where record_key in (select unnest(?::varchar[])) and operation <> 'create' order by ended_at
        """,
        [list(keys)],
    ).fetchall()
    found: dict[str, list[tuple[str, str, Value, Value]]] = {}
    for key, field, old, new in rows:
        for name, value in json.loads(new).items():
            if is_relation(name):
                found.setdefault(key, []).append((name, field, json.loads(old).get(name), value))
    return found


def _related(mapping: KindMapping, member: Member, written: Iterable[tuple[str, str, Value, Value]]) -> Member:
    fields = dict(member.fields)
    for name, field, old, new in written:
        many = mapping.field(field).many
        alone = has_main(member.object, name) and not many
        ended = old if many or new in ("", None) else None
        left = [] if alone else [one for one in ids_in(fields.get(name)) if one not in (ended, new)]
        fields[name] = ";".join([*ids_in(new), *left]) or None
    return replace(member, fields=fields)


def _golden(connection: Connection, ids: Sequence[str]) -> _Golden:
    rows = connection.execute(
        "select system, kind, record_id, golden_id from golden_now where record_id in (select unnest(?::varchar[]))",
        [list(ids)],
    ).fetchall()
    return {(system, Kind(kind), record_id): golden_id for system, kind, record_id, golden_id in rows}


def _leading(member: Member, new: _Golden) -> Member:
    mine = {(kind, one): Referred(g) for (system, kind, one), g in new.items() if System(system) is member.system}
    return replace(member, refers={**mine, **member.refers}) if mine else member
