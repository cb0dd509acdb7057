"""Which fields the CRMs have now, and which ones are read.

Belongs here: reading the schemas, the choice of fields, and telling a typo from a field that vanished. Not here: the
tables (schema_table.py), what changed (drift.py), and whether the two CRMs' fields fit each other (plan/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crm_pipeline.config import Settings
from crm_pipeline.config.field import line_for
from crm_pipeline.config.load import line_of
from crm_pipeline.config.relation import look_up_of
from crm_pipeline.crm.protocol import Crm, FieldSchema
from crm_pipeline.errors import ConfigError, PermanentError
from crm_pipeline.extract.relations import relations
from crm_pipeline.extract.schema.schema_table import hidden, hide, remember, seen, store, stored_names
from crm_pipeline.extract.schema.stages import extract_stages
from crm_pipeline.extract.schema.visibility import may_not_see
from crm_pipeline.model import Rule, System
from crm_pipeline.warehouse import Warehouse

__all__ = ["SchemaResult", "extract_schema", "hidden", "hide", "may_not_see", "read_fields", "stored_names", "timed"]

#: Rules that ask which side changed last, or who changed it.
_TIMED = frozenset({Rule.TWO_WAY, Rule.MOST_COMPLETE, Rule.ASK, Rule.RATCHET})


@dataclass(frozen=True)
class SchemaResult:
    """What a read of the schemas found.

    `fields`: number by object; `vanished`: wanted fields that cannot be read any more, or never could in the case of a
    look-up (`hubspot contacts.x`); `changes`: number of changes since the last read, in all fields; `drift`: sentences
    about those in fields that are read; `hidden`: objects that may not be seen, with the reason; `stages`: number of
    steps of deals, tickets and tasks.
    """

    fields: Mapping[str, int]
    vanished: tuple[str, ...] = ()
    changes: int = 0
    drift: tuple[str, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    stages: int = 0


def extract_schema(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int) -> SchemaResult:
    """Store the schemas of all objects of a CRM that are read, into `raw.schema_field`, their drift, and their stages.

    Raises ConfigError, naming the line of the mapping, for a wanted field that was never there. A field that was there
    in an earlier run is unknown from now on, and reported. An object that is read only and may not be seen is
    reported; raises PermanentError for a mapped one.
    """
    system = crm.system
    schemas, out_of_sight = _schemas(crm, settings)
    names = {object_: {one.name for one in fields if one.selectable} for object_, fields in schemas.items()}
    vanished: list[str] = []
    sentences: list[str] = []
    number = 0
    with warehouse.connect() as connection:
        for object_, fields in schemas.items():
            present, absent = read_fields(settings, system, object_, names)
            known = {*seen(connection, system, object_), *relations.needed(system, object_)}
            refuse_unknown(settings, system, object_, [name for name in absent if name not in known], fields)
            vanished += [f"{system} {object_}.{name}" for name in absent]
            changes = store(connection, system, object_, fields, run_id)
            number += len(changes)
            read = {*present, *absent}
            sentences += [f"{system.label} {object_}.{one.sentence}" for one in changes if one.name in read]
            remember(connection, system, object_, present, run_id)
            hide(connection, system, object_, "", run_id)
        for object_, why in out_of_sight.items():
            hide(connection, system, object_, why, run_id)
    stages = extract_stages(warehouse, crm, list(schemas), run_id)
    fields_of = {object_: len(fields) for object_, fields in schemas.items()}
    hidden_parts = {**out_of_sight, **stages.hidden}
    return SchemaResult(fields_of, tuple(vanished), number, tuple(sentences), hidden_parts, stages.stages)


def _schemas(crm: Crm, settings: Settings) -> tuple[dict[str, list[FieldSchema]], dict[str, str]]:
    """Fields by object, and the objects that may not be seen with the reason."""
    fields: dict[str, list[FieldSchema]] = {}
    out_of_sight: dict[str, str] = {}
    for of, object_ in settings.mapping.read_objects:
        if of is not crm.system:
            continue
        try:
            fields[object_] = crm.schema(object_)
        except PermanentError as error:
            if (of, object_) in settings.mapping.objects or not may_not_see(error):
                raise
            out_of_sight[object_] = (
                f"{of.label} {object_} may not be seen by the integration's user; what is known of it stays as it was. "
                "Give the permission, or remove the object from read in the mapping"
            )
    return fields, out_of_sight


def read_fields(
    settings: Settings, system: System, object_: str, names: Mapping[str, Collection[str]]
) -> tuple[list[str], list[str]]:
    """The fields that are read of an object: those that exist, and those that are wanted and do not.

    `names`: object -> its fields that can be read. Wanted are the mapped ones, those under `read`, and the look-ups
    that relations need; with `extract.all_fields` every other one as well, in the order of their names.
    """
    mapping = settings.mapping
    there = names.get(object_, ())
    left_behind = [name for name in mapping.fields_if_there(object_) if name in there]
    wanted = [*mapping.fields_read(system, object_), *left_behind, *relations.needed(system, object_)]
    present, absent = readable(wanted, object_, names)
    if settings.extract.all_fields:
        present += sorted(set(there) - set(present))
    return present, absent


def readable(wanted: Sequence[str], object_: str, names: Mapping[str, Collection[str]]) -> tuple[list[str], list[str]]:
    """Of the wanted fields of an object, each once, those that exist and those that do not.

    A path (`Account.Industry`) needs the look-up field and, where the other object's schema is known, the field there.
    """
    present: list[str] = []
    absent: list[str] = []
    own = names.get(object_, ())
    for name in dict.fromkeys(wanted):
        relation, _, target = name.partition(".")
        there = look_up_of(relation) in own and (relation not in names or target in names[relation])
        exists = there if target else name in own
        (present if exists else absent).append(name)
    return present, absent


def timed(settings: Settings, object_: str, names: Sequence[str]) -> list[str]:
    """The fields among `names` whose rule needs to know when a value came about; none if read only."""
    wanted = {
        name
        for kind in settings.mapping.kinds_of(object_)
        for field in kind.fields
        if field.rule in _TIMED and field.has(object_)
        for name in field.names(object_)
    }
    return [name for name in names if name in wanted]


def refuse_unknown(
    settings: Settings, system: System, object_: str, absent: Sequence[str], fields: Sequence[FieldSchema] = ()
) -> None:
    """Raises ConfigError for the first wanted field that never could be read. `fields`: those of the object."""
    if not absent:
        return
    mapping = settings.mapping
    name = absent[0]
    line = line_of(mapping.source, _place(settings, system, object_, name))
    more = f" ({len(absent) - 1} more after this one: {', '.join(absent[1:])})" if len(absent) > 1 else ""
    if name in {one.name for one in fields}:
        what = f"'{name}' of {system.label} {object_} is no single value"
        advice = "it is made of other fields or a file; name the fields that it is made of"
    elif (system, object_) in mapping.objects and name == mapping.kind_of(object_).key.of(system):
        what = f"{system.label} {object_} has no field '{name}'"
        advice = "it is the key of records that the pipeline creates; create it as a unique text field"
    else:
        what = f"{system.label} {object_} has no field '{name}'"
        advice = "typo or missing field permission; correct the name, or let the integration's user see the field"
    raise ConfigError(f"{mapping.source} line {line}: {what}: {advice}{more}")


def _place(settings: Settings, system: System, object_: str, name: str) -> list[str | int]:
    """Where the mapping file names a CRM field."""
    mapping = settings.mapping
    line = line_for(object_)
    for kind in mapping.kinds_of(object_):
        for one in kind.fields:
            for part in one.parts:
                if part.names.get(line) == name:
                    return [kind.kind.value, "fields", one.name, "parts", part.name, line]
        for number, extra in enumerate(kind.identity):
            if extra.names.get(line) == name:
                return [kind.kind.value, "identity", number, line]
        for number, pair in enumerate(kind.pairs):
            if object_ == pair.salesforce and name in pair.only:
                return [kind.kind.value, "pairs", number, "only", name]
    read = mapping.read.get(system, {}).get(object_, ())
    if name in read:
        return ["read", system.value, object_, read.index(name)]
    return [mapping.kind_of(object_).kind.value, "key", system.value]
