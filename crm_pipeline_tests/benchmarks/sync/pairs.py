"""A warehouse of linked pairs, made by DuckDB: every golden record has one record in each CRM, and both hold the same.

Belongs here: rows of raw, golden and the schemas, and users' edits of a share of them. Not here: what is measured of
them (planning.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline_tests.plan.world import World

#: Of 100 pairs so many are companies; the rest are people, half of them Leads.
_COMPANIES = 20
#: What a field holds, as SQL over the pair's number `n`, by field type; everything else is a text.
_VALUES = {
    FieldType.E_MAIL: "'user' || n || '@example.jp'",
    FieldType.PHONE: "'03-' || lpad((n % 9000 + 1000)::varchar, 4, '0') || '-' || lpad((n % 10000)::varchar, 4, '0')",
    FieldType.DATE: "strftime(date '1960-01-01' + (n % 15000)::integer, '%Y-%m-%d')",
    FieldType.NUMBER: "(n % 5000)::varchar",
    FieldType.URL: "'https://www.example' || n || '.co.jp'",
    FieldType.BOOLEAN: "null",
    FieldType.USER: "null",
}


def fill(world: World, pairs: int) -> None:
    """Fill the world's warehouse with so many linked pairs of companies and people that agree in every field."""
    mapping = world.settings.mapping
    companies = pairs * _COMPANIES // 100
    with world.warehouse.connect() as connection:
        _fill_kind(connection, mapping.company, "Account", 0, companies)
        leads = (pairs - companies) // 2
        _fill_kind(connection, mapping.person, "Lead", companies, companies + leads)
        _fill_kind(connection, mapping.person, "Contact", companies + leads, pairs)


def edit(warehouse: Warehouse, settings: Settings, every: int) -> int:
    """A user's edit of the phone number of every n-th HubSpot record; returns how many."""
    with warehouse.connect() as connection:
        edited = 0
        for object_ in (settings.mapping.person.hubspot, settings.mapping.company.hubspot):
            connection.execute(
                f"update raw.hubspot_{object_} set fields = json_merge_patch(fields, "
                "json_object('phone', '06-' || record_id)), modified_at = now(), changed = json_merge_patch(changed, "
                "json_object('phone', json_object('at', strftime(now(), '%Y-%m-%dT%H:%M:%S+00:00'), 'after', null, "
                "'certain', true))) where record_id::bigint % ? = 0",
                [every],
            )
            row = connection.execute(
                f"select count(*) from raw.hubspot_{object_} where record_id::bigint % ? = 0", [every]
            ).fetchone()
            edited += row[0] if row else 0
    return edited


def _fill_kind(connection: Connection, kind: KindMapping, object_: str, first: int, last: int) -> None:
    for system, one in ((System.HUBSPOT, kind.hubspot), (System.SALESFORCE, object_)):
        table = f"raw.{system}_{one.lower()}"
        connection.execute(
            f"""
            insert into {table} (record_id, created_at, modified_at, modified_by, fields, changed, retired, run_id)
            select {_id(system)}, timestamptz '2026-01-01', timestamptz '2026-01-02', 'somebody',
                   {_fields(kind, one, system)}, '{{}}', null, 1
            from range(?, ?) t(n)
            """,
            [first, last],
        )
        connection.execute(
            f"""
            insert into golden.link by name
            select $kind || '-' || n as golden_id, $kind as kind,
                   $system || '/' || $object || '/' || {_id(system)} as record_key,
                   $system as system, $object as object, {_id(system)} as record_id, true as is_primary,
                   null as retired, 1 as since_run
            from range($first, $last) t(n)
            """,
            {"kind": kind.kind, "system": system, "object": one, "first": first, "last": last},
        )


def _id(system: System) -> str:
    return "n::varchar" if system is System.HUBSPOT else "'00Q' || lpad(n::varchar, 15, '0')"


def _fields(kind: KindMapping, object_: str, system: System) -> str:
    """A JSON object with every mapped CRM field of an object, as SQL over `n`."""
    values: dict[str, str] = {}
    for field in kind.fields:
        if not field.has(object_):
            continue
        for place, name in enumerate(field.names(object_)):
            text = f"'{field.name}{place} ' || n"
            value = _VALUES.get(field.type, text)
            if field.type is FieldType.NUMBER and system is System.SALESFORCE:
                value = "n % 5000"
            values[name] = value
    names = [*kind.crm_fields(object_)]
    pairs = ", ".join(f"'{name}', {values.get(name, 'null')}" for name in names)
    return f"json_object({pairs})"
