"""Relations of Salesforce: they stand in the records themselves, so that they are read from the warehouse.

Belongs here: the SQL from look-up fields to relations, for the records that changed. Not here: which fields these are
(relations.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.extract.reading import watermark
from crm_pipeline.extract.relations.association_table import replace
from crm_pipeline.extract.relations.marks import Marks
from crm_pipeline.extract.relations.relations import KEY_PREFIXES, SALESFORCE, LookUp
from crm_pipeline.extract.schema.schema_table import stored_names
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection, Warehouse


def relate(warehouse: Warehouse, settings: Settings, run_id: int, *, full: bool = False) -> tuple[int, list[str]]:
    """Bring the relations of all look-ups up to what the records say, in one transaction.

    Returns the number of rows that changed, and a sentence for each relation that is unknown because a field is
    hidden: it is kept as it was. Raises WarehouseError if mapped records have not been read yet.
    """
    system = System.SALESFORCE
    written = 0
    unknown: list[str] = []
    with warehouse.connect() as connection:
        names = stored_names(connection, system)
        for one in SALESFORCE:
            marks = Marks.of(connection, settings, system, one.name, one.source)
            if marks is None:
                continue
            hidden = [name for name in one.needs if name not in names.get(one.source, ())]
            if hidden:
                unknown.append(
                    f"{system.label} {one.source}.{hidden[0]} cannot be seen: who belongs to whom by it stays as it "
                    "was. Let the integration's user see the field"
                )
                continue
            since_run = 0 if full else marks.run_id
            if _touched(connection, one, since_run):
                _related(connection, one)
                written += replace(connection, system, one.of, one.to_objects)
            watermark.move(connection, system, one.name, marks.until, "", run_id)
    return written, unknown


def _touched(connection: Connection, one: LookUp, since_run: int) -> int:
    """Table `touched`: the records whose relations may have changed in a run after `since_run`; how many they are.

    A record without the field says nothing about the relation: it was read while the field was hidden.
    """
    known = f"(fields -> '{one.field}') is not null"
    row = connection.execute(
        "create or replace temp table touched as select distinct from_id from ("
        f"select {_from(one)} as from_id from {_table(one.source)} where run_id > $since and {known} "
        f"union all select record_id from {_table(one.of)} where run_id > $since and retired is not null "
        "union all select from_id from raw.association where $since = 0 and system = 'salesforce' "
        "and from_object = $of and to_object in (select unnest($to::varchar[])) and from_id not in "
        f"(select {_from(one)} from {_table(one.source)} where not ({known}) and {_from(one)} is not null)"
        ") where from_id is not null",
        {"since": since_run, "of": one.of, "to": list(one.to_objects)},
    ).fetchone()
    return int(row[0]) if row else 0


def _related(connection: Connection, one: LookUp) -> None:
    """Table `related`: what the live records say about the touched ones."""
    to_id = f"fields ->> '{one.field}'"
    to_object = f"'{one.to_objects[0]}'"
    if len(one.to_objects) > 1:
        cases = " ".join(f"when '{prefix}' then '{object_}'" for prefix, object_ in KEY_PREFIXES.items())
        to_object = f"case left({to_id}, 3) {cases} else '' end"
    primary = f"coalesce((fields ->> '{one.primary}')::boolean, false)" if one.primary else "true"
    label = f"coalesce(fields ->> '{one.label}', '')" if one.label else "''"
    connection.execute(
        "create or replace temp table related as select from_id, to_object, to_id, bool_or(is_primary) as is_primary, "
        "coalesce(string_agg(distinct label, ';' order by label) filter (label <> ''), '') as label from ("
        f"select {_from(one)} as from_id, {to_object} as to_object, {to_id} as to_id, {primary} as is_primary, "
        f"{label} as label from {_table(one.source)} where retired is null) "
        "where to_id <> '' and from_id in (select from_id from touched) "
        "and to_object in (select unnest(?::varchar[])) "
        f"and from_id not in (select record_id from {_table(one.of)} where retired is not null) "
        "group by from_id, to_object, to_id",
        [list(one.to_objects)],
    )


def _from(one: LookUp) -> str:
    return f"(fields ->> '{one.from_field}')" if one.from_field else "record_id"


def _table(object_: str) -> str:
    return f"raw.salesforce_{object_.lower()}"
