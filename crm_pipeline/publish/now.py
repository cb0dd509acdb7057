"""The CRMs as they are now, as temporary tables: landed writes laid over what was read, and the mapping beside them.

Belongs here: what every mart and measurement of a run reads (now.sql, value_now.sql). Not here: the marts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import LINKED, Kind, System
from crm_pipeline.privacy import suppression
from crm_pipeline.warehouse import Connection

_SQL = Path(__file__).with_suffix(".sql")
_NOTHING_HELD = (
    "select record_key, kind, system, object, null::varchar as role, null::varchar as field, null::varchar as name, "
    "null::varchar as value from record_now where false"
)


def prepare(connection: Connection, settings: Settings) -> None:
    """Temporary tables: the mapping, and the CRMs as they are now."""
    connection.execute(
        "create or replace temp table mapped as select f->>'kind' as kind, f->>'field' as field, f->>'part' as part, "
        "f->>'rule' as rule, f->>'role' as role, f->>'label_en' as label_en, f->>'label_ja' as label_ja, "
        "f->>'system' as system, f->>'object' as object, f->>'name' as name from (select unnest(?::json[]) as f)",
        [[json.dumps(row, ensure_ascii=False) for row in _mapped(settings)]],
    )
    connection.execute(_SQL.read_text(encoding="utf-8"))
    held = " union all ".join([_NOTHING_HELD, *_held(filled(connection, settings))])
    connection.execute(f"create or replace temp view held_now as {held}")
    connection.execute(_SQL.with_name("value_now.sql").read_text(encoding="utf-8"))
    suppression.stage_survivors(connection)


def filled(connection: Connection, settings: Settings) -> list[tuple[KindMapping, System, str]]:
    """The mapped objects that have records: a query that names all of them takes long to prepare."""
    found = set(
        connection.execute(
            "select distinct system, object from raw.record union select system, object from patch"
        ).fetchall()
    )
    return [
        (mapping, system, object_)
        for mapping in settings.mapping.kinds
        for system, object_ in mapping.objects
        if (system.value, object_) in found
    ]


def _held(objects: Iterable[tuple[KindMapping, System, str]]) -> Iterator[str]:
    """For each object a query of the values that the marts ask for, a row each: DuckDB reads a record's JSON once for
    paths that are constant."""
    for mapping, system, object_ in objects:
        wanted = [
            (part.role, field.name, name)
            for field in mapping.fields
            if field.has(object_)
            for part, name in zip(field.parts, field.names(object_), strict=False)
            if _is_wanted(mapping.kind, field.name, part.role)
        ]
        roles, fields, names = (literals(column) for column in zip(*wanted, strict=True)) if wanted else ("[]",) * 3
        yield (
            f"select record_key, kind, system, object, unnest({roles}::varchar[]) as role, "
            f"unnest({fields}::varchar[]) as field, unnest({names}::varchar[]) as name, "
            f"unnest(json_extract_string(fields, {names}::varchar[])) as value "
            f"{live(system, object_, mapping.kind)}"
        )


def live(system: str, object_: str, kind: str) -> str:
    """From the live records of an object, as they are now."""
    return f"from record_now where system = '{system}' and object = '{object_}' and kind = '{kind}' and retired is null"


def literals(texts: Iterable[str | None]) -> str:
    """A constant list, as SQL."""
    return "[" + ", ".join("null" if text is None else "'" + text.replace("'", "''") + "'" for text in texts) + "]"


def _is_wanted(kind: Kind, field: str, role: str | None) -> bool:
    """Whether a part decides what can be done with a customer, where it came from, or what a record is called."""
    return (
        role in ("family_name", "given_name", "e_mail", "phone")
        or field in ("industry", "lead_source")
        or (kind is Kind.COMPANY and role == "company")
        or (kind in LINKED and field in ("name", "subject"))
    )


def _mapped(settings: Settings) -> Iterator[dict[str, str | None]]:
    """Every CRM field of every mapped field's parts."""
    for mapping in settings.mapping.kinds:
        for system, object_ in mapping.objects:
            for field in mapping.fields:
                for part, name in zip(field.parts, field.names(object_) if field.has(object_) else (), strict=False):
                    yield {
                        "kind": mapping.kind,
                        "field": field.name,
                        "rule": field.rule,
                        "part": part.name,
                        "role": part.role,
                        "label_en": field.label.en,
                        "label_ja": field.label.ja,
                        "system": system,
                        "object": object_,
                        "name": name,
                    }
