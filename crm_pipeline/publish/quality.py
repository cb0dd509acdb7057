"""What each field is worth and how many records double a customer, counted after each run.

Belongs here: publish.quality and publish.duplicates. Reads the temporary tables of now.sql. Not here: how far both CRMs
agree (agreement.py), who can be reached (measure_reach.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.config.relation import is_relation
from crm_pipeline.warehouse import Connection

#: A part of a field with such a role is judged by what normalising made of it.
_JUDGED = {"e_mail": "e-mail", "phone": "phone", "birth_date": "date", "website": "website"}
_DUPLICATES = Path(__file__).with_name("measure_duplicates.sql")

#: One row for each live record and part of a field -> a row for each CRM and field.
_QUALITY = """
insert into publish.quality
with value as ({values}),
useless as (
    select kind as judged, raw as value from normalise.value
    where status = 'junk' or list_has_any(flags, ['junk', 'invalid', 'partial'])
        or (kind = 'date' and list_contains(flags, 'placeholder'))
),
nameless as (select record_key from normalise.person where list_has_any(name_flags, ['junk', 'placeholder'])),
judged as (
    select v.system, v.kind, v.field, v.record_key, bool_or(filled(v.value)) as filled,
        bool_or(u.value is not null or n.record_key is not null) as junk
    from value v left join useless u on u.judged = v.judged and u.value = v.value
    left join nameless n on v.judged = 'name' and n.record_key = v.record_key
    group by all
)
select $run, now(), system, kind, field, count(*), count(*) filter (filled), count(*) filter (filled and not junk),
    count(*) filter (filled and junk)
from judged group by all
"""


def measure(connection: Connection, settings: Settings, run_id: int) -> None:
    """Count what this run left."""
    connection.execute(_QUALITY.format(values=" union all ".join(_values(settings))), {"run": run_id})
    connection.execute(_DUPLICATES.read_text(encoding="utf-8"), {"run": run_id})


def _values(settings: Settings) -> Iterator[str]:
    """For each object a query of its values: DuckDB reads a record's JSON once for all paths that are constant."""
    for mapping in settings.mapping.kinds:
        for system, object_ in mapping.objects:
            named = [
                (field.name, _judged(part.role), name)
                for field in mapping.fields
                if field.has(object_)
                for part, name in zip(field.parts, field.names(object_), strict=True)
                if not is_relation(name)
            ]
            if named:
                fields, judged, names = (
                    "[" + ", ".join(map(_text, column)) + "]" for column in zip(*named, strict=True)
                )
                yield (
                    f"select system, kind, record_key, unnest({fields}) as field, unnest({judged}) as judged, "
                    f"unnest(json_extract_string(fields, {names})) as value from record_now "
                    f"where system = '{system}' and object = {_text(object_)} and kind = '{mapping.kind}' "
                    "and retired is null"
                )


def _judged(role: str | None) -> str | None:
    return "name" if role in ("family_name", "given_name") else _JUDGED.get(role or "")


def _text(value: str | None) -> str:
    return "null::varchar" if value is None else "'" + value.replace("'", "''") + "'"
