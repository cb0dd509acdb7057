"""Which fields an object has now, and which of the mapped ones can be read.

Belongs here: the schemas in `raw.schema_field`, and telling a typo from a field that vanished. Not here: whether the
two CRMs' fields fit each other (plan/).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from crm_pipeline.config import KindMapping, Settings
from crm_pipeline.config.load import line_of
from crm_pipeline.crm.protocol import Crm, FieldSchema
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Rule, System
from crm_pipeline.warehouse import Connection, Warehouse

#: Rules that ask which side changed last, or who changed it.
_TIMED = frozenset({Rule.TWO_WAY, Rule.MOST_COMPLETE, Rule.ASK, Rule.RATCHET})


@dataclass(frozen=True)
class SchemaResult:
    """Number of fields by object; `vanished`: mapped ones that could be read once (`hubspot contacts.x`)."""

    fields: Mapping[str, int]
    vanished: tuple[str, ...]


def extract_schema(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int) -> SchemaResult:
    """Store the schemas of all mapped objects of a CRM, into `raw.schema_field`.

    Raises ConfigError, naming the line of the mapping, for a mapped field that was never there. A field that was there
    in an earlier run is unknown from now on, and reported.
    """
    system = crm.system
    objects = [object_ for of, object_ in settings.mapping.objects if of is system]
    fields = {object_: crm.schema(object_) for object_ in objects}
    names = {object_: frozenset(field.name for field in fields[object_]) for object_ in objects}
    vanished: list[str] = []
    with warehouse.connect() as connection:
        for object_ in objects:
            present, absent = readable(settings.mapping.kind_of(object_), object_, names)
            known = seen(connection, system, object_)
            refuse_unknown(settings, system, object_, [name for name in absent if name not in known])
            vanished += [f"{system} {object_}.{name}" for name in absent]
            store(connection, system, object_, fields[object_], run_id)
            remember(connection, system, object_, present, run_id)
    return SchemaResult({object_: len(fields[object_]) for object_ in objects}, tuple(vanished))


def store(connection: Connection, system: System, object_: str, fields: Sequence[FieldSchema], run_id: int) -> None:
    """Put the schema of an object in place of the one from an earlier run."""
    of = [system.value, object_]
    connection.execute("delete from raw.schema_field where system = ? and object = ?", of)
    rows = [
        {**asdict(field), "options": [asdict(option) for option in field.options], "system": system, "object": object_}
        for field in fields
    ]
    connection.execute(
        "insert into raw.schema_field select f->>'system', f->>'object', f->>'name', f->>'label', f->>'type', "
        "f->>'field_type', (f->>'length')::integer, (f->>'nillable')::boolean, (f->>'createable')::boolean, "
        "(f->>'updateable')::boolean, (f->>'calculated')::boolean, (f->>'unique')::boolean, "
        "(f->>'restricted')::boolean, (f->>'required_on_create')::boolean, f->>'references', f->'options', ? "
        "from (select unnest(?::json[]) as f)",
        [run_id, [json.dumps(row, ensure_ascii=False) for row in rows]],
    )


def remember(connection: Connection, system: System, object_: str, names: Sequence[str], run_id: int) -> None:
    """Note the mapped fields that were readable, so that one that vanishes is not taken for a typo."""
    connection.execute(
        "insert into raw.field_seen select ?, ?, name, ? from (select unnest(?::varchar[]) as name) "
        "where name not in (select name from raw.field_seen where system = ? and object = ?)",
        [system.value, object_, run_id, list(names), system.value, object_],
    )


def seen(connection: Connection, system: System, object_: str) -> frozenset[str]:
    """Mapped fields of an object that were readable in some run."""
    rows = connection.execute(
        "select name from raw.field_seen where system = ? and object = ?", [system.value, object_]
    ).fetchall()
    return frozenset(name for (name,) in rows)


def stored_names(connection: Connection, system: System) -> dict[str, frozenset[str]]:
    """Object -> field names, as the last schema read said."""
    rows = connection.execute(
        "select object, list(name) from raw.schema_field where system = ? group by object", [system.value]
    ).fetchall()
    return {object_: frozenset(names) for object_, names in rows}


def readable(kind: KindMapping, object_: str, names: Mapping[str, Collection[str]]) -> tuple[list[str], list[str]]:
    """The mapped fields of an object that exist, and those that do not.

    `names`: object -> its fields. A path (`Account.Industry`) needs the look-up field and, where the other object's
    schema is known, the field there.
    """
    present: list[str] = []
    absent: list[str] = []
    own = names.get(object_, ())
    for name in kind.crm_fields(object_):
        relation, _, target = name.partition(".")
        exists = (
            _lookup(relation) in own and (relation not in names or target in names[relation]) if target else name in own
        )
        (present if exists else absent).append(name)
    return present, absent


def timed(kind: KindMapping, object_: str, names: Sequence[str]) -> list[str]:
    """The fields among `names` whose rule needs to know when a value came about."""
    wanted = {
        name for field in kind.fields if field.rule in _TIMED and field.has(object_) for name in field.names(object_)
    }
    return [name for name in names if name in wanted]


def refuse_unknown(settings: Settings, system: System, object_: str, absent: Sequence[str]) -> None:
    """Raises ConfigError for the first mapped field that never existed."""
    if not absent:
        return
    mapping = settings.mapping
    kind = mapping.kind_of(object_)
    name = absent[0]
    line = line_of(mapping.source, _place(kind, system, object_, name))
    more = f" ({len(absent) - 1} more after this one: {', '.join(absent[1:])})" if len(absent) > 1 else ""
    if name == kind.key.of(system):
        advice = "it is the key of records that the pipeline creates; create it as a unique text field"
    else:
        advice = "typo or missing field permission; correct the name, or let the integration's user see the field"
    raise ConfigError(f"{mapping.source} line {line}: {system.label} {object_} has no field '{name}': {advice}{more}")


def _lookup(relation: str) -> str:
    """The field behind a relation: `Account` -> `AccountId`, `Region__r` -> `Region__c`."""
    return f"{relation.removesuffix('__r')}__c" if relation.endswith("__r") else f"{relation}Id"


def _place(kind: KindMapping, system: System, object_: str, name: str) -> list[str | int]:
    """Where the mapping file names a CRM field."""
    line = "hubspot" if system is System.HUBSPOT else object_
    for field in kind.fields:
        for part in field.parts:
            if part.names.get(line) == name:
                return [kind.kind.value, "fields", field.name, "parts", part.name, line]
    for number, extra in enumerate(kind.identity):
        if extra.names.get(line) == name:
            return [kind.kind.value, "identity", number, line]
    return [kind.kind.value, "key", system.value]
