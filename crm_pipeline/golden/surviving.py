"""Candidates for the golden value of every field: what the records say, with its canonical form.

Belongs here: the distinct values whose canonical form matters, and only those: where all records of a golden record say
the same and nothing was agreed on, it does not. Not here: which candidate survives (survivorship.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from crm_pipeline.canonical import canonical, is_blank, protecting
from crm_pipeline.config import FieldMapping, Settings
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.golden import survivorship
from crm_pipeline.golden.said import read_field
from crm_pipeline.model import Rule, System, Value
from crm_pipeline.warehouse import Connection

Users = Mapping[tuple[System, str], str]
#: Distinct values that are worked on at a time.
_PART = 100_000


def choose(connection: Connection, settings: Settings, mapping: KindMapping) -> None:
    """`survived` (survivorship.py) of the golden records of `member` (said.py)."""
    survivorship.start(connection)
    users = _users(connection)
    first = 1
    for field in mapping.valued:
        read_field(connection, field, first)
        first += len(field.parts)
        _forms(connection, field, settings, users)
        _unanimous(connection, field)
        decided, values = _decided(field)
        connection.execute(
            "create or replace temp table candidate as "
            "select golden_id, record_key, coalesce(f.parts, list_transform(texts, lambda t: nullif(t, ''))) as parts, "
            f"f.canonical, changed_at, is_primary, created_at, {decided} as agreed "
            "from said join form f using (same) where not f.blank and (contested or agreed is not null)",
            values,
        )
        survivorship.survive(connection, field.name, len(field.parts))


def _decided(field: FieldMapping) -> tuple[str, dict[str, list[list[str]]]]:
    """SQL for what was agreed on, and its parameters. Of a ratchet a value that protects, as long as a record holds
    it: the rule decides nothing else, and who opted out has done so although the plan that carries it waits."""
    if field.rule is not Rule.RATCHET:
        return "agreed", {}
    protects = "max(f.canonical) filter (f.canonical in $tight) over (partition by golden_id)"
    return f"coalesce({protects}, agreed)", {"tight": sorted(map(list, protecting(field)))}


def _unanimous(connection: Connection, field: FieldMapping) -> None:
    """Golden records whose records all say the same about the field, and nothing was agreed on."""
    connection.execute(
        """
        insert into survived
        select golden_id, $field, coalesce(f.parts, list_transform(texts, lambda t: nullif(t, ''))), record_key,
            'most_complete', list_transform(texts, lambda t: '[]')
        from said left join form f using (same)
        where place = 1 and not contested and agreed is null and f.blank is distinct from true
        """,
        {"field": field.name},
    )


def _forms(connection: Connection, field: FieldMapping, settings: Settings, users: Users) -> None:
    """`form (same, canonical, parts, blank)` of the distinct values for which that matters. `parts`: null where they
    are texts as they stand."""
    connection.execute(
        "create or replace temp table spelled as select same, any_value(system) as system, any_value(texts) as texts, "
        "any_value(types) as types from said where contested or agreed is not null or $odd "
        "or len(list_filter(types, lambda t: t not in ('VARCHAR', 'NULL'))) > 0 group by same",
        {"odd": field.values is not None or field.type is FieldType.MULTI_PICKLIST},
    )
    connection.execute(
        "create or replace temp table form (same ubigint, canonical varchar[], parts varchar[], blank boolean)"
    )
    rows = connection.execute("select same, system, texts, types from spelled").fetchall()
    for start in range(0, len(rows), _PART):
        frame = pd.DataFrame(
            _formed(rows[start : start + _PART], field, settings, users),
            columns=pd.Index(["same", "canonical", "parts", "blank"]),
        ).astype({"same": "uint64", "canonical": "str", "parts": "str"})
        connection.register("form_frame", frame)
        connection.execute(
            "insert into form select same, canonical::json::varchar[], parts::json::varchar[], blank from form_frame"
        )
        connection.unregister("form_frame")


def _formed(
    rows: Sequence[tuple[int, str, list[str | None], list[str]]], field: FieldMapping, settings: Settings, users: Users
) -> Iterator[tuple[int, str, str | None, bool]]:
    region = settings.phone_region
    for same, system, texts, types in rows:
        values = _values(texts, types)
        form = canonical(field, System(system), values, region=region, users=users, zone=settings.zone)
        plain = all(value is None or isinstance(value, str) for value in values)
        parts = None if plain else json.dumps([_text(value) for value in values], ensure_ascii=False)
        yield same, json.dumps(form, ensure_ascii=False), parts, is_blank(form)


def _values(texts: Sequence[str | None], types: Sequence[str]) -> tuple[Value, ...]:
    """The values as the CRM gave them."""
    return tuple(
        None if type_ == "NULL" or text is None else text if type_ == "VARCHAR" else json.loads(text)
        for text, type_ in zip(texts, types, strict=True)
    )


def _text(value: Value) -> str | None:
    """A raw value in a text column: byte for byte, JSON's spelling for what is not text."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _users(connection: Connection) -> Users:
    rows = connection.execute("select system, user_id, lower(e_mail) from raw.user order by all").fetchall()
    return {(System(system), user_id): e_mail for system, user_id, e_mail in rows}
