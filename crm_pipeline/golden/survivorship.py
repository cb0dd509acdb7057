"""The golden value of each field, and why it is the one.

Belongs here: what was decided by the sync rules and still stands; else completeness, then the latest change, then the
primary record (spec identity.md), for all golden records at once, in SQL. A field with several parts is taken whole
from one record. Nothing is destroyed: the losing values are part of the result. Not here: what is written back
(plan/decision/decide.py).
"""

from __future__ import annotations

from crm_pipeline.warehouse import Connection

#: Sorts the best of the candidates first.
_BEST = "complete desc, changed_at desc, is_primary desc, created_at, record_key"


def start(connection: Connection) -> None:
    """`survived`: the golden values. `parts` and `losing` have an entry for each part of the field, `losing` as JSON
    (golden.provenance)."""
    connection.execute(
        "create or replace temp table survived (golden_id varchar, field varchar, parts varchar[], "
        "record_key varchar, rule varchar, losing varchar[])"
    )


def survive(connection: Connection, field: str, width: int) -> None:
    """Add the golden values of a field of `width` parts to `survived`, from the temporary table `candidate`.

    It has a row for each record that does not leave the field blank: golden_id, record_key, parts, canonical (both
    lists), changed_at (the latest change of a part), is_primary, created_at, and agreed: what the last completed
    decision of the sync rules decided (canonical), or null; that counts while a record still holds it.
    """
    losing = ", ".join(
        "coalesce(to_json(list_transform(others, lambda o: "
        f"{{'record_key': o.record_key, 'value': o.parts[{place}]}}))::varchar, '[]')"
        for place in range(1, width + 1)
    )
    connection.execute(
        f"""
        insert into survived
        with filled as (
            select *, len(list_filter(canonical, lambda part: part <> '')) as complete,
                coalesce(canonical = agreed, false) as decided
            from candidate
        ), winner as (
            from filled qualify row_number() over (partition by golden_id order by decided desc, {_BEST}) = 1
        ), other as (
            select f.*, row_number() over (partition by f.golden_id order by {_BEST}) as place
            from filled f join (select golden_id, canonical as won from winner) using (golden_id)
            where f.canonical <> won
        ), lost as (
            select golden_id, list({{'record_key': record_key, 'parts': parts}} order by place) as others,
                arg_min(complete, place) as complete, arg_min(changed_at, place) as changed_at
            from other group by golden_id
        )
        select w.golden_id, $field, w.parts, w.record_key,
            case when w.decided then 'decided'
                when l.golden_id is null or w.complete > l.complete then 'most_complete'
                when w.changed_at > l.changed_at then 'latest' else 'primary' end,
            [{losing}]
        from winner w left join lost l using (golden_id)
        """,
        {"field": field},
    )
