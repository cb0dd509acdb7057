"""How far both CRMs agree after the last run, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Agreement:
    """Linked pairs of records that have a field. `in_the_way`: `120 waits for approval, 3 ask`."""

    kind: str
    field: str
    rule: str
    pairs: int
    agree: int
    unexplained: int
    in_the_way: str

    @property
    def share(self) -> float:
        """Of the pairs that agree, from 0 to 1."""
        return self.agree / self.pairs if self.pairs else 1.0


def agreements(connection: Connection, run_id: int | None = None) -> list[Agreement]:
    """What publish measured in a run, else last, the fields with the smallest share first."""
    rows = connection.execute(
        """
        select kind, field, rule, sum(pairs)::bigint,
            coalesce(sum(pairs) filter (reason = 'agree'), 0)::bigint as agree,
            coalesce(sum(pairs) filter (reason = 'unexplained'), 0)::bigint,
            coalesce(string_agg(pairs || ' ' || replace(reason, '_', ' '), ', ' order by pairs desc, reason)
                filter (reason <> 'agree'), '')
        from publish.agreement where run_id = coalesce(?, (select max(run_id) from publish.agreement))
        group by all order by agree / nullif(sum(pairs), 0), kind, field
        """,
        [run_id],
    ).fetchall()
    return [Agreement(*row) for row in rows]
