"""The golden values: what every live record of a golden record says, what survives, and where it comes from.

Belongs here: reading members, writing golden.person, golden.company and golden.provenance. Not here: which value is the
better one (survivorship.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from crm_pipeline.canonical import Canonical, canonical
from crm_pipeline.config import FieldMapping, Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.golden.survivorship import Candidate, Survivor, survive
from crm_pipeline.model import Kind, System, Value
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert

Users = Mapping[tuple[System, str], str]


class _Member(NamedTuple):
    """A live record. `changed`: CRM field -> when its value came about."""

    key: str
    system: System
    object: str
    is_primary: bool
    created_at: datetime
    modified_at: datetime
    fields: Mapping[str, Value]
    changed: Mapping[str, Mapping[str, Any]]


def write_values(connection: Connection, settings: Settings, kind: Kind) -> int:
    """Write golden.person or golden.company, with a column for every mapped part, and add the kind's provenance.

    Returns how many golden records have a live record.
    """
    mapping = settings.mapping.of(kind)
    parts = [part.name for field in mapping.fields for part in field.parts]
    columns = "".join(f', "{name}" varchar' for name in parts)
    connection.execute(
        f"create or replace table golden.{kind} (golden_id varchar not null{columns}, "
        "hubspot_records integer not null, salesforce_records integer not null)"
    )
    agreed, users = _agreed(connection, kind), _users(connection)
    golden: list[dict[str, object]] = []
    provenance: list[dict[str, object]] = []
    for golden_id, members in _members(connection, kind):
        values: dict[str, object] = dict.fromkeys(parts)
        for field, survivor in _survivors(members, mapping, settings, users, agreed.get(golden_id, {})):
            for place, part in enumerate(field.parts):
                values[part.name] = survivor.parts[place]
                provenance.append(_provenance(golden_id, field, place, survivor))
        records = {f"{s}_records": sum(member.system is s for member in members) for s in System}
        golden.append({"golden_id": golden_id, **values, **records})
    insert(connection, f"golden.{kind}", golden)
    insert(connection, "golden.provenance", provenance)
    return len(golden)


def _members(connection: Connection, kind: Kind) -> Iterator[tuple[str, list[_Member]]]:
    rows = connection.execute(
        """
        select l.golden_id, l.record_key, l.system, l.object, l.is_primary, r.created_at, r.modified_at,
            r.fields, r.changed
        from golden.link l join raw.record r using (record_key)
        where l.kind = ? and r.kind = l.kind and l.retired is null
        order by l.golden_id, l.record_key
        """,
        [kind],
    ).fetchall()
    for golden_id, group in groupby(rows, key=itemgetter(0)):
        yield golden_id, [_member(*row[1:]) for row in group]


def _member(
    key: str, system: str, object_: str, primary: bool, created: datetime, modified: datetime, fields: str, changed: str
) -> _Member:
    return _Member(key, System(system), object_, primary, created, modified, json.loads(fields), json.loads(changed))


def _survivors(
    members: Sequence[_Member],
    mapping: KindMapping,
    settings: Settings,
    users: Users,
    agreed: Mapping[str, Canonical],
) -> Iterator[tuple[FieldMapping, Survivor]]:
    for field in mapping.fields:
        candidates = [c for c in (_candidate(m, field, settings, users) for m in members) if c is not None]
        survivor = survive(candidates, agreed.get(field.name))
        if survivor is not None:
            yield field, survivor


def _candidate(member: _Member, field: FieldMapping, settings: Settings, users: Users) -> Candidate | None:
    """What a record says about a field; None where the field is not mapped for it or missing from what was read."""
    if not field.has(member.object):
        return None
    names = field.names(member.object)
    if any(name not in member.fields for name in names):
        return None
    values: tuple[Value, ...] = tuple(member.fields[name] for name in names)
    return Candidate(
        record_key=member.key,
        parts=tuple(_text(value) for value in values),
        canonical=canonical(field, member.system, values, region=settings.phone_region, users=users),
        changed_at=_changed_at(member, names),
        is_primary=member.is_primary,
        created_at=member.created_at,
    )


def _changed_at(member: _Member, names: tuple[str, ...]) -> datetime:
    times = [datetime.fromisoformat(member.changed[name]["at"]) for name in names if name in member.changed]
    return max(times) if times else member.modified_at


def _text(value: Value) -> str | None:
    """A raw value in a text column: byte for byte, JSON's spelling for what is not text."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _provenance(golden_id: str, field: FieldMapping, place: int, survivor: Survivor) -> dict[str, object]:
    losing = [{"record_key": loser.record_key, "value": loser.parts[place]} for loser in survivor.losing]
    return {
        "golden_id": golden_id,
        "field": field.name,
        "part": field.parts[place].name,
        "value": survivor.parts[place],
        "record_key": survivor.record_key,
        "rule": survivor.rule,
        "losing": losing,
    }


def _agreed(connection: Connection, kind: Kind) -> Mapping[str, dict[str, Canonical]]:
    """What the sync rules decided for a field, by golden id; ids that were merged since have nothing agreed."""
    rows = connection.execute(
        "select golden_id, field, value from state.agreed where starts_with(golden_id, ?)", [f"{kind}-"]
    ).fetchall()
    found: dict[str, dict[str, Canonical]] = defaultdict(dict)
    for golden_id, field, value in rows:
        found[golden_id][field] = tuple(json.loads(value))
    return found


def _users(connection: Connection) -> Users:
    rows = connection.execute("select system, user_id, lower(e_mail) from raw.user order by all").fetchall()
    return {(System(system), user_id): e_mail for system, user_id, e_mail in rows}
