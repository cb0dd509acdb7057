"""A warehouse of linked pairs, made by DuckDB: every golden record has one record in each CRM, and both hold the same.

Belongs here: rows of raw, golden and the schemas, and users' edits of a share of them. Not here: what earlier nights
left behind (nights.py), what is measured (planning.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation, leads_to
from crm_pipeline.model import Kind, System
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline_tests.plan.world import World

#: Of 100 pairs so many are companies; the rest are people, half of them Leads. To ten pairs there is a deal.
_COMPANIES, _DEALS = 20, 10
#: What a field holds, as SQL over the pair's number `n`, by field type; everything else is a text.
_VALUES = {
    FieldType.E_MAIL: "'user' || n || '@example.jp'",
    FieldType.PHONE: "'03-3' || lpad((n % 900 + 100)::varchar, 3, '0') || '-' || lpad((n % 10000)::varchar, 4, '0')",
    FieldType.DATE: "strftime(date '1960-01-01' + (n % 15000)::integer, '%Y-%m-%d')",
    FieldType.NUMBER: "(n % 5000 + 1)::varchar",
    FieldType.URL: "'https://www.example' || n || '.co.jp'",
    FieldType.BOOLEAN: "null",
    FieldType.USER: "null",
}
#: How Salesforce's ids of an object begin.
_PREFIXES = {"Account": "001", "Contact": "003", "Opportunity": "006", "Lead": "00Q"}


class Pairs:
    """Pairs 0 to `companies` are companies, then come Leads, then Contacts; deals have numbers of their own."""

    def __init__(self, pairs: int) -> None:
        self.companies = pairs * _COMPANIES // 100
        self.leads = (pairs - self.companies) // 2
        self.total = pairs
        self.deals = pairs // _DEALS

    def parts(self, settings: Settings) -> list[tuple[KindMapping, str, int, int]]:
        """(kind, Salesforce object, first number, number after the last)."""
        mapping, contacts = settings.mapping, self.companies + self.leads
        found = [
            (mapping.company, "Account", 0, self.companies),
            (mapping.person, "Lead", self.companies, contacts),
            (mapping.person, "Contact", contacts, self.total),
        ]
        deals = [kind for kind in mapping.kinds if kind.kind is Kind.DEAL]
        return found + [(kind, "Opportunity", 0, self.deals) for kind in deals]

    def referred(self, kind: Kind) -> str:
        """The number of the record of a kind that record `n` refers to, as SQL."""
        if kind is Kind.COMPANY:
            return f"(n % {self.companies})"
        return f"({self.companies + self.leads} + n % {self.total - self.companies - self.leads})"


def fill(world: World, number: int) -> None:
    """Fill the world's warehouse with so many linked pairs of companies and people that agree in every field, and
    their deals."""
    pairs = Pairs(number)
    with world.warehouse.connect() as connection:
        for kind, object_, first, last in pairs.parts(world.settings):
            for system, one in ((System.HUBSPOT, kind.hubspot), (System.SALESFORCE, object_)):
                _records(connection, kind, system, one, pairs, (first, last))
                for field in kind.fields:
                    if field.has(one) and is_relation(field.names(one)[0]):
                        _related(connection, field, system, one, pairs, (first, last))


def edit(warehouse: Warehouse, settings: Settings, every: int) -> int:
    """A user's edit of the phone number of every n-th HubSpot record; returns how many."""
    with warehouse.connect() as connection:
        edited = 0
        for object_ in (settings.mapping.person.hubspot, settings.mapping.company.hubspot):
            connection.execute(
                f"update raw.hubspot_{object_} set fields = json_merge_patch(fields, "
                "json_object('phone', '06-6' || right(fields ->> 'phone', 8))), modified_at = now(), "
                "digest = digest + 1, changed = json_merge_patch(changed, json_object('phone', json_object('at', "
                "strftime(now(), '%Y-%m-%dT%H:%M:%S+00:00'), 'after', null, 'certain', true))) "
                "where record_id::bigint % ? = 0",
                [every],
            )
            row = connection.execute(
                f"select count(*) from raw.hubspot_{object_} where record_id::bigint % ? = 0", [every]
            ).fetchone()
            edited += row[0] if row else 0
    return edited


def record_id(system: System, object_: str, number: str = "n") -> str:
    """The id of record `number` of an object, as SQL."""
    return (
        f"({number})::varchar"
        if system is System.HUBSPOT
        else f"'{_PREFIXES[object_]}' || lpad(({number})::varchar, 15, '0')"
    )


def raw_value(field: FieldMapping, place: int, system: System) -> str:
    """What a part of a field holds in each record, as SQL; references left out."""
    if field.values:
        hubspot, salesforce = next(iter(field.values.to_salesforce.items()))
        return f"'{hubspot if system is System.HUBSPOT else salesforce}'"
    if field.type is FieldType.NUMBER and system is System.SALESFORCE:
        return "(n % 5000 + 1)"
    return _VALUES.get(field.type, f"'{field.name}{place} ' || n")


def _records(
    connection: Connection, kind: KindMapping, system: System, object_: str, pairs: Pairs, numbers: tuple[int, int]
) -> None:
    own = record_id(system, object_)
    connection.execute(
        f"""
        insert into raw.{system}_{object_.lower()} by name
        select {own} as record_id, timestamptz '2026-01-01' as created_at, timestamptz '2026-01-02' as modified_at,
               'somebody' as modified_by, {_fields(kind, object_, system, pairs)} as fields, '{{}}' as changed,
               null as retired, 1 as run_id, hash(n, $object) as digest
        from range($first, $last) t(n)
        """,
        {"object": object_, "first": numbers[0], "last": numbers[1]},
    )
    connection.execute(
        f"""
        insert into golden.link by name
        select $kind || '-' || n as golden_id, $kind as kind, $system || '/' || $object || '/' || {own} as record_key,
               $system as system, $object as object, {own} as record_id, true as is_primary, null as retired,
               1 as since_run
        from range($first, $last) t(n)
        """,
        {"kind": kind.kind, "system": system, "object": object_, "first": numbers[0], "last": numbers[1]},
    )
    _read(connection, system, object_)


def _related(
    connection: Connection, field: FieldMapping, system: System, object_: str, pairs: Pairs, numbers: tuple[int, int]
) -> None:
    """A relation of every record; that of HubSpot's contacts only where the other side is a Contact, which has one."""
    assert field.refers_to
    to = leads_to(field.names(object_)[0])
    first = max(numbers[0], pairs.companies + pairs.leads) if object_ == "contacts" else numbers[0]
    connection.execute(
        f"""
        insert into raw.association
        select $system, $object, {record_id(system, object_)}, $to,
            {record_id(system, to, pairs.referred(field.refers_to))}, true, '' from range($first, $last) t(n)
        """,
        {"system": system, "object": object_, "to": to, "first": first, "last": numbers[1]},
    )
    _read(connection, system, f"{object_}/{to}")


def _read(connection: Connection, system: System, object_: str) -> None:
    connection.execute("delete from raw.watermark where system = ? and object = ?", [system, object_])
    connection.execute("insert into raw.watermark values (?, ?, timestamptz '2026-01-03', '', 1)", [system, object_])


def _fields(kind: KindMapping, object_: str, system: System, pairs: Pairs) -> str:
    """A JSON object with every mapped CRM field of an object, as SQL over `n`."""
    values: dict[str, str] = {}
    for field in kind.fields:
        if not field.has(object_) or field.is_relation(object_):
            continue
        for place, name in enumerate(field.names(object_)):
            values[name] = raw_value(field, place, system)
            if field.refers_to:
                values[name] = record_id(system, "Account", pairs.referred(field.refers_to))
    names = [name for name in kind.crm_fields(object_) if not is_relation(name)]
    held = ", ".join(f"'{name}', {values.get(name, 'null')}" for name in names)
    return f"json_object({held})"
