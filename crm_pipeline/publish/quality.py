"""What each field is worth and how many records double a customer, counted after each run.

Belongs here: publish.quality and publish.duplicates. Reads the temporary tables of now.py. Not here: how far both CRMs
agree (agreement.py), who can be reached (measure_reach.sql).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import System
from crm_pipeline.publish.now import filled, literals, live
from crm_pipeline.warehouse import Connection

#: A part of a field with such a role is judged by what normalising made of it.
_JUDGED = {"e_mail": "e-mail", "phone": "phone", "birth_date": "date", "website": "website"}
_NAMES = ("family_name", "given_name")
_DUPLICATES = Path(__file__).with_name("measure_duplicates.sql")

#: Raw values that are none of what they should be, and records without a name of somebody.
_USELESS = """
create or replace temp table useless as
select kind as judged, raw from normalise.value
where status = 'junk' or list_has_any(flags, ['junk', 'invalid', 'partial'])
    or (kind = 'date' and list_contains(flags, 'placeholder'))
union all
select 'name', record_key from normalise.person where list_has_any(name_flags, ['junk', 'placeholder'])
"""


def measure(connection: Connection, settings: Settings, run_id: int) -> None:
    """Count what this run left."""
    connection.execute(_USELESS)
    counted = " union all ".join(_counted(*one) for one in filled(connection, settings))
    if counted:
        connection.execute(
            "insert into publish.quality select ?, now(), system, kind, field, sum(records), sum(filled), "
            f"sum(filled) - sum(junk), sum(junk) from ({counted}) group by system, kind, field having sum(records) > 0",
            [run_id],
        )
    connection.execute(_DUPLICATES.read_text(encoding="utf-8"), {"run": run_id})


def _counted(mapping: KindMapping, system: System, object_: str) -> str:
    """A query of one object's numbers, a row for each field. DuckDB reads a record's JSON once for constant paths."""
    fields = [field for field in mapping.fields if field.has(object_) and not is_relation(field.names(object_)[0])]
    names = [name for field in fields for name in field.names(object_)]
    told, numbers = [], range(len(fields))
    first = 1
    for number, field in enumerate(fields):
        parts = [(part.role, f"held[{first + place}]") for place, part in enumerate(field.parts)]
        told += [f"{_is_filled(parts)} as f{number}", f"{_is_junk(parts)} as j{number}"]
        first += len(parts)
    counts = "".join(
        f", count_if(f{number}) as f{number}, count_if(f{number} and j{number}) as j{number}" for number in numbers
    )
    counts_filled, counts_junk = (", ".join(f"{letter}{number}" for number in numbers) for letter in "fj")
    columns = literals(field.name for field in fields)
    return f"""
        select '{system}' as system, '{mapping.kind}' as kind, unnest({columns}::varchar[]) as field, records,
            unnest([{counts_filled}]::bigint[]) as filled, unnest([{counts_junk}]::bigint[]) as junk
        from (select count(*) as records{counts} from (select {", ".join(told) or "1"} from (
            select record_key, json_extract_string(fields, {literals(names)}::varchar[]) as held
            {live(system, object_, mapping.kind)})))
    """


def _is_filled(parts: Sequence[tuple[str | None, str]]) -> str:
    return "(" + " or ".join(f"filled({value})" for _, value in parts) + ")"


def _is_junk(parts: Sequence[tuple[str | None, str]]) -> str:
    tests = [
        f"coalesce({value} in (select raw from useless where judged = '{_JUDGED[role]}'), false)"
        for role, value in parts
        if role in _JUDGED
    ]
    if any(role in _NAMES for role, _ in parts):
        tests.append("record_key in (select raw from useless where judged = 'name')")
    return "(" + (" or ".join(tests) or "false") + ")"
