"""What blocking covers: of each rule its pairs, what it adds alone, what stays uncompared in blocks too large.

Belongs here: match.coverage. It is as of the last time that everything was matched. Not here: making pairs (pairs.py).
"""

from __future__ import annotations

from crm_pipeline.match.blocking.rules import RULES, fits
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Pairs of blocks that are too large, without those that a second key brings.
_TOO_LARGE = """
insert into match.coverage
with large as (
    select rule, sum(probes * (n - probes) + probes * (probes - 1) // 2)::bigint as pairs, sum(n)::bigint as records
    from block_size where not refined and not {fits} group by rule
)
select $kind, 'too large: ' || u.name, greatest(l.pairs - u.refined, 0), 0, l.records
from large l join (
    select unnest($names::varchar[]) as name, unnest($refined::bigint[]) as refined,
        unnest(range(len($names)))::utinyint as rule
) u using (rule)
where u.name in (select unnest($told::varchar[]))
"""

_NO_BLOCK = """
insert into match.coverage
select $kind, 'in no block', 0, 0, count(*)
from match.{kind} anti join (select l as id from pair union select r from pair) using (id)
"""


def report(connection: Connection, kind: Kind) -> None:
    """Write match.coverage of this kind from `pair`, `block` and `block_size`, which have all pairs and blocks."""
    rules = RULES[kind]
    connection.execute("delete from match.coverage where kind = ?", [kind])
    if connection.execute(f"select count(*) from match.{kind.value}").fetchall() == [(0,)]:
        return
    patterns = connection.execute("select rules, refined, count(*) from pair group by rules, refined").fetchall()
    records = dict(connection.execute("select rule, count(distinct id) from block group by rule").fetchall())
    for place, rule in enumerate(rules):
        found = sum(count for bits, _, count in patterns if bits >> place & 1)
        alone = sum(count for bits, _, count in patterns if bits == 1 << place)
        connection.execute(
            "insert into match.coverage values (?, ?, ?, ?, ?)",
            [kind, rule.name, found, alone, records.get(place, 0)],
        )
    connection.execute(
        _TOO_LARGE.format(fits=fits(kind)),
        {
            "kind": kind,
            "names": [rule.name for rule in rules],
            "refined": [sum(count for _, bits, count in patterns if bits >> place & 1) for place in range(len(rules))],
            "told": [rule.name for rule in rules if rule.refined_by],
        },
    )
    connection.execute(_NO_BLOCK.format(kind=kind.value), {"kind": kind})
