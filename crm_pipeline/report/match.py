"""Pairs in numbers: how many are how sure."""

from __future__ import annotations

from crm_pipeline.warehouse import Connection


def tiers(connection: Connection, of: str) -> dict[str, int]:
    """`person auto` -> number of pairs. `of`: match.pair (all) or match.review (those that wait for a person)."""
    rows = connection.execute(
        f"select kind || ' ' || tier, count(*) from {of} group by kind, tier order by kind desc, max(posterior) desc"
    ).fetchall()
    return dict(rows)
