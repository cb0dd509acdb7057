"""What people said about pairs of records: kept for ever, the newest word counts, merges in a CRM are followed.

Belongs here: reading state.decision, and the links that created and merged records bring along. Not here: how a
decision is made (review.py), and what it does to a cluster (cluster/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_pipeline.errors import ConfigError
from crm_pipeline.warehouse import Connection

#: Two record keys, the smaller one first.
KeyPair = tuple[str, str]


class Verdict(StrEnum):
    MATCH = "match"
    NOT_A_MATCH = "not_a_match"
    UNSURE = "unsure"


_VERDICTS = [verdict.value for verdict in Verdict]


@dataclass(frozen=True)
class Decision:
    """The newest word on a pair; `left_key` is the smaller record key."""

    left_key: str
    right_key: str
    verdict: Verdict
    decided_by: str
    decided_at: datetime

    @property
    def pair(self) -> KeyPair:
        return self.left_key, self.right_key


#: Record key -> the live record that it was merged or converted into, over any number of merges.
SURVIVORS = """
with recursive step as (
    select system || '/' || object || '/' || record_id as gone,
        system || '/' || survivor_object || '/' || survivor_id as survivor
    from raw.tombstone where survivor_id is not null and survivor_object is not null
), path(gone, survivor, steps) as (
    select gone, survivor, 1 from step
    union
    select p.gone, s.survivor, p.steps + 1 from path p join step s on s.gone = p.survivor where p.steps < 50
)
select gone, survivor from path qualify row_number() over (partition by gone order by steps desc, survivor) = 1
"""


def survivors(connection: Connection) -> Mapping[str, str]:
    """Record key of a merged or converted record -> record key of what became of it."""
    return dict(connection.execute(SURVIVORS).fetchall())


def newest(connection: Connection) -> list[Decision]:
    """The newest decision of each pair, newest first. Pairs that a merge in a CRM made one record are gone.

    Raises ConfigError for a verdict that is none: another program writes decisions as well.
    """
    alias = survivors(connection)
    rows = connection.execute(
        "select left_key, right_key, verdict, decided_by, decided_at from state.decision order by rowid"
    ).fetchall()
    found: dict[KeyPair, tuple[datetime, int, Decision]] = {}
    for place, (left, right, verdict, by, at) in enumerate(rows):
        if verdict not in _VERDICTS:
            raise ConfigError(
                f"state.decision has the verdict {verdict!r} for {left} and {right}; correct that row: a verdict is "
                f"{', '.join(_VERDICTS)}"
            )
        left, right = sorted((alias.get(left, left), alias.get(right, right)))
        if left == right:
            continue
        known = found.get((left, right))
        if known is None or known[:2] < (at, place):
            found[left, right] = (at, place, Decision(left, right, Verdict(verdict), by, at))
    ordered = sorted(found.values(), key=lambda entry: (entry[0], entry[1], entry[2].pair), reverse=True)
    return [decision for _, _, decision in ordered]


def carried_links(connection: Connection) -> list[KeyPair]:
    """Pairs that belong together without a decision: a created record and the record that it was created for, a merge
    survivor and the companions that the record which it swallowed had at the time.

    When two golden records become one, each created record stays with the anchor of its own: what made them one may be
    taken back. Where that anchor is gone, it goes with the anchor of the one that stays.
    """
    alias = survivors(connection)
    rows = connection.execute(
        f"""
        with became as ({SURVIVORS}), live as (
            select record_key from normalise.person union all select record_key from normalise.company
        ), created as (
            select l.record_key, l.golden_id as made_for, coalesce(r.survivor_id, l.golden_id) as golden_id,
                v.record_key as anchor_key
            from state.link l left join golden.redirect r on r.golden_id = l.golden_id
            left join became b on b.gone = r.anchor_key
            left join live v on v.record_key = coalesce(b.survivor, r.anchor_key)
        ), companion as (
            select golden_id, min(record_key) as record_key from golden.link where retired is null group by 1
        )
        select a.record_key, coalesce(a.anchor_key, e.anchor_key, c.record_key)
        from created a left join golden.entity e using (golden_id) left join companion c using (golden_id)
        union
        select a.record_key, b.record_key from created a join created b on a.made_for = b.made_for
        """
    ).fetchall()
    pairs = {tuple(sorted((alias.get(a, a), alias.get(b, b)))) for a, b in rows if a and b}
    if alias:
        # Those whose end the golden stage has not seen yet have their companions still beside them.
        companions = connection.execute(
            "select gone_key, companion_key from state.companion union "
            "select a.record_key, b.record_key from golden.link a join golden.link b using (golden_id) "
            "where list_contains($gone, a.record_key) and a.retired is null and b.retired is null "
            "and a.record_key <> b.record_key",
            {"gone": sorted(alias)},
        ).fetchall()
        pairs |= {tuple(sorted((alias[a], alias.get(b, b)))) for a, b in companions if a in alias}
    return sorted((left, right) for left, right in pairs if left != right)
