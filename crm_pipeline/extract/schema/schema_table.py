"""Schemas in the warehouse: `raw.schema_field`, what changed in them, and which fields could ever be read.

Belongs here: the SQL of these tables. Not here: which fields are read (schema.py), what counts as a change (drift.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.extract.schema.drift import Change, changes
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert


def store(
    connection: Connection, system: System, object_: str, fields: Sequence[FieldSchema], run_id: int
) -> list[Change]:
    """Keep the schema of an object, and what changed in it since the last read. Writes only the fields that differ."""
    before, now = stored(connection, system, object_), {field.name: field for field in fields}
    if before == now:
        return []
    of = [system.value, object_]
    differing = [name for name in {*before, *now} if before.get(name) != now.get(name)]
    connection.execute(
        "delete from raw.schema_field where system = ? and object = ? and name in (select unnest(?::varchar[]))",
        [*of, differing],
    )
    _insert(connection, system, object_, [now[name] for name in now if before.get(name) != now[name]], run_id)
    rows = connection.execute(
        "select distinct name from raw.schema_change where system = ? and object = ? and change = 'gone'", of
    ).fetchall()
    found = changes(before, now, {name for (name,) in rows})
    insert(
        connection,
        "raw.schema_change",
        ({"run_id": run_id, "system": system, "object": object_, **asdict(change)} for change in found),
    )
    return found


def stored(connection: Connection, system: System, object_: str) -> Mapping[str, FieldSchema]:
    """The fields of an object by name, as the last read of its schema said; empty if there was none."""
    return every(connection, system, object_).get((system, object_), {})


def every(
    connection: Connection, system: System | None = None, object_: str | None = None
) -> dict[tuple[System, str], dict[str, FieldSchema]]:
    """The same of all objects, by (system, object)."""
    result = connection.execute(
        "select name, label, type, field_type, length, nillable, createable, updateable, calculated, "
        'is_unique as "unique", restricted, required_on_create, refers_to as "references", options, selectable, '
        "coalesce(digits, 0) as digits, scale, system, object "
        "from raw.schema_field where system = coalesce($system, system) and object = coalesce($object, object)",
        {"system": system, "object": object_},
    )
    attributes = [name for name, *_ in result.description or ()]
    found: dict[tuple[System, str], dict[str, FieldSchema]] = {}
    for row in result.fetchall():
        field = dict(zip(attributes, row, strict=True))
        of = System(field.pop("system")), field.pop("object")
        field["options"] = tuple(_options(field["options"]))
        found.setdefault(of, {})[field["name"]] = FieldSchema(**field)
    return found


def _options(text: str) -> Iterator[Option]:
    for option in json.loads(text):
        yield Option(option["value"], option["label"], option["active"])


def stored_names(connection: Connection, system: System) -> dict[str, frozenset[str]]:
    """Object -> names of the fields that a read can bring, as the last read of the schemas said."""
    rows = connection.execute(
        "select object, list(name) filter (where selectable) from raw.schema_field where system = ? group by object",
        [system.value],
    ).fetchall()
    return {object_: frozenset(names or ()) for object_, names in rows}


def remember(connection: Connection, system: System, object_: str, names: Sequence[str], run_id: int) -> None:
    """Note the wanted fields that were readable, so that one that vanishes is not taken for a typo."""
    known = seen(connection, system, object_)
    new = [name for name in names if name not in known]
    insert(
        connection,
        "raw.field_seen",
        ({"system": system, "object": object_, "name": name, "run_id": run_id} for name in new),
    )


def seen(connection: Connection, system: System, object_: str) -> frozenset[str]:
    """Wanted fields of an object that were readable in some run."""
    rows = connection.execute(
        "select name from raw.field_seen where system = ? and object = ?", [system.value, object_]
    ).fetchall()
    return frozenset(name for (name,) in rows)


def hide(connection: Connection, system: System, object_: str, why: str, run_id: int) -> None:
    """Note that the credentials may not see an object, or with an empty `why` that they may."""
    if why != hidden(connection, system, object_):
        connection.execute("delete from raw.hidden_object where system = ? and object = ?", [system.value, object_])
        if why:
            connection.execute(
                "insert into raw.hidden_object values (?, ?, ?, ?)", [system.value, object_, why, run_id]
            )


def hidden(connection: Connection, system: System, object_: str) -> str:
    """Why the credentials may not see an object, a sentence; empty if they may."""
    row = connection.execute(
        "select why from raw.hidden_object where system = ? and object = ?", [system.value, object_]
    ).fetchone()
    return str(row[0]) if row else ""


def _insert(connection: Connection, system: System, object_: str, fields: Sequence[FieldSchema], run_id: int) -> None:
    """By a JSON text each: HubSpot has about 500 properties an object, some with hundreds of options."""
    rows = [
        {
            **vars(field),
            "options": [{"value": o.value, "label": o.label, "active": o.active} for o in field.options],
            "system": system,
            "object": object_,
        }
        for field in fields
    ]
    connection.execute(
        "insert into raw.schema_field by name select f->>'system' as system, f->>'object' as object, "
        "f->>'name' as name, f->>'label' as label, f->>'type' as type, f->>'field_type' as field_type, "
        "(f->>'length')::integer as length, (f->>'nillable')::boolean as nillable, "
        "(f->>'createable')::boolean as createable, (f->>'updateable')::boolean as updateable, "
        "(f->>'calculated')::boolean as calculated, (f->>'unique')::boolean as is_unique, "
        "(f->>'restricted')::boolean as restricted, (f->>'required_on_create')::boolean as required_on_create, "
        "f->>'references' as refers_to, f->'options' as options, (f->>'selectable')::boolean as selectable, "
        "(f->>'digits')::integer as digits, (f->>'scale')::integer as scale, "
        "? as run_id from (select unnest(?::json[]) as f)",
        [run_id, [json.dumps(row, ensure_ascii=False) for row in rows]],
    )
