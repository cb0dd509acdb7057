"""What the live records of golden records say about the mapped fields, read from their JSON once.

Belongs here: the temporary table `member`, and what one field says in it. A part is kept as its text and its JSON type;
no type means that the record does not have the part, which is unknown and not blank.
"""

from __future__ import annotations

import json

from crm_pipeline.config import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

#: What Python's str.strip takes away, for a regular expression: a text of these alone is blank (canonical.py).
BLANK = r"[\s\p{Z}\x{1C}-\x{1F}\x{85}]*"


def read_members(connection: Connection, mapping: KindMapping, start: int, end: int) -> None:
    """`member` of the `pending` golden records from place `start` to before `end`: a row a live record, with a list
    entry for each part of the mapping, in its order."""
    connection.execute(
        "create or replace temp table member (golden_id varchar, record_key varchar, system varchar, object varchar, "
        "is_primary boolean, created_at timestamptz, modified_at timestamptz, texts varchar[], types varchar[], "
        "times timestamptz[])"
    )
    for system, object_ in mapping.objects:
        _read_object(connection, mapping, system, object_, (start, end))


def _read_object(
    connection: Connection, mapping: KindMapping, system: System, object_: str, places: tuple[int, int]
) -> None:
    names: list[str | None] = []
    for field in mapping.valued:
        names += field.names(object_) if field.has(object_) else [None] * len(field.parts)
    paths = [f"$.{json.dumps(name)}" for name in names if name is not None]
    times = [f"{path}.at" for path in paths]
    where = {name: number for number, name in enumerate((n for n in names if n is not None), start=1)}

    def spread(found: str) -> str:
        return "[" + ", ".join("null" if name is None else f"{found}[{where[name]}]" for name in names) + "]"

    connection.execute(
        f"""
        insert into member
        with part as (select golden_id from pending where place >= $start and place < $end),
        found as (
            select l.golden_id, l.record_key, l.is_primary, r.created_at, r.modified_at,
                json_extract_string(r.fields, $paths::varchar[]) as texts,
                json_type(r.fields, $paths::varchar[]) as types,
                json_extract_string(r.changed, $times::varchar[])::timestamptz[] as times
            from golden.link l semi join part using (golden_id)
            join raw.{system}_{object_.lower()} r on r.record_id = l.record_id
            where l.system = $system and l.object = $object and l.retired is null
        )
        select golden_id, record_key, $system, $object, is_primary, created_at, modified_at,
            {spread("texts")}, {spread("types")}, {spread("times")}
        from found
        """,
        {
            "paths": paths,
            "times": times,
            "system": system,
            "object": object_,
            "start": places[0],
            "end": places[1],
        },
    )


def read_field(connection: Connection, field: FieldMapping, first: int) -> None:
    """`said`: what is said about a field by the records that have it and do not leave it blank.

    `first`: place of its first part in the lists, from 1. `place` 1 says it best among equals; `same` is equal for what
    is the same value byte for byte and of one system; `contested`: one golden record hears different things; `agreed`:
    what was decided (canonical).
    """
    last = first + len(field.parts) - 1
    connection.execute(
        f"""
        create or replace temp table said as
        with told as (
            select golden_id, record_key, system, object, is_primary, created_at, texts[{first}:{last}] as texts,
                types[{first}:{last}] as types,
                coalesce(list_max(times[{first}:{last}]), modified_at) as changed_at
            from member
        ), filled as (
            select *, hash(texts, types, system) as same,
                {"system" if _by_system(field) else "''"} as speaker
            from told
            where len(list_filter(types, lambda t: t is null)) = 0
              and len(list_filter(texts, lambda t: t is not null and not regexp_full_match(t, $blank))) > 0
        )
        select filled.*, a.value::json::varchar[] as agreed, row_number() over best as place,
            min(hash(texts, types, speaker)) over every <> max(hash(texts, types, speaker)) over every as contested
        from filled left join state.agreed a on a.golden_id = filled.golden_id and a.field = $field
        window every as (partition by filled.golden_id),
            best as (partition by filled.golden_id order by changed_at desc, is_primary desc, created_at, record_key)
        """,
        {"blank": BLANK, "field": field.name},
    )


def _by_system(field: FieldMapping) -> bool:
    """Whether the same text can be different values in the two systems."""
    return field.type.value == "user" or field.values is not None
