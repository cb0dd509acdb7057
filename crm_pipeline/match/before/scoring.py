"""From evidence to posteriors: one fact counted once, the size of the organisation, and the competition of candidates.

Belongs here: sets in SQL over the temporary tables of features, blocking and comparison. Not here: the tiers' rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product

import pandas as pd

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.before import weights
from crm_pipeline.match.before.cluster import components
from crm_pipeline.match.before.tier import Outcome, contradictory, standing
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Pairs below this posterior cannot reach any tier by themselves and do not compete.
_FLOOR = 0.001
#: Components up to this size are compared pair by pair before they may become a cluster.
_LARGEST_CLOSURE = 50

Pair = tuple[int, int]

_GROUPED = f"""
create or replace temp table summed as
with grouped as (
    select e.l, e.r, case
        when evidence_group <> 'name' then greatest(max(weight), 0) + least(min(weight), 0)
        when min(weight) <= -1.5 then min(weight)
        when any_value(a.placeholder or b.placeholder) then least(sum(weight), {weights.PLACEHOLDER_CAP})
        else least(sum(weight), {weights.NAME_CAP}) end as weight
    from evidence e join weigh using (comparison, outcome) join subject a on a.id = e.l join subject b on b.id = e.r
    group by e.l, e.r, evidence_group
), pattern as (
    select l, r, string_agg(comparison || ':' || outcome, ' ' order by comparison, outcome) as pattern
    from evidence group by l, r
)
select l, r, sum(weight)::double as weight, any_value(pattern) as pattern,
    any_value(a.placeholder or b.placeholder) as placeholder,
    any_value(a.system) as l_system, any_value(b.system) as r_system
from grouped join pattern using (l, r) join subject a on a.id = l join subject b on b.id = r
group by l, r
"""

_SCORED = f"""
create or replace temp table scored as
with odds as (
    select s.*, least(pow(10, weight) * prior, {weights.MOST_ODDS}) as odds, highest, lowest, why
    from summed s join prior p using (l_system, r_system) join standing t using (pattern, placeholder)
)
select o.*, o.highest = 'auto' and odds / (1 + odds) >= $auto and v.l is null as strong
from odds o left join verdict v on v.l = o.l and v.r = o.r and v.verdict = 'not_a_match'
where highest <> 'none' and (odds / (1 + odds) >= {_FLOOR} or lowest <> 'none' or v.l is not null)
"""

#: For each record and CRM, the groups of linked records that are candidates, each with the odds of its best member.
_CANDIDATES = """
create or replace temp table candidates as
with towards as (
    select l as id, r as other, r_system as system, odds from scored where (l, r) not in (from rejected)
    union all
    select r, l, l_system, odds from scored where (l, r) not in (from rejected)
), best as (
    select t.id, t.system, g.grp, max(odds) as odds from towards t join grp g on g.id = t.other group by all
)
select id, system, list({grp: grp, odds: odds} order by grp) as list from best group by id, system
"""

#: Both records' other candidates compete with the pair; those linked to either of the two are the same candidate.
_POSTERIOR = """
create or replace temp table judged as
with competing as (
    select s.*,
        [c.odds for c in coalesce(a.list, []) if c.grp <> g.grp and c.grp <> h.grp] as l_rivals,
        [c.odds for c in coalesce(b.list, []) if c.grp <> g.grp and c.grp <> h.grp] as r_rivals
    from scored s
    join grp g on g.id = s.l
    join grp h on h.id = s.r
    left join candidates a on a.id = s.l and a.system = s.r_system
    left join candidates b on b.id = s.r and b.system = s.l_system
), rivals as (
    select *, coalesce(list_sum(l_rivals), 0) + coalesce(list_sum(r_rivals), 0) as rivals,
        greatest(len([o for o in l_rivals if o >= odds / 100]), len([o for o in r_rivals if o >= odds / 100])) as count
    from competing
)
select l, r, weight, pattern, placeholder, strong, round(odds / (1 + odds + rivals), 9) as posterior,
    round(odds / (odds + rivals), 9) as share, 1 + count as candidates
from rivals
"""

#: Two strong candidates of one record that cannot be one customer themselves.
_TORN = """
create or replace temp table torn as
with link as (select l as x, r as y from scored where strong union all select r, l from scored where strong),
torn as (
    select a.x, a.y, b.y as z from link a join link b on a.x = b.x and a.y < b.y
    join contradiction c on c.l = a.y and c.r = b.y
)
select distinct least(x, y) as l, greatest(x, y) as r from torn union select least(x, z), greatest(x, z) from torn
"""


def score(connection: Connection, kind: Kind, settings: MatchSettings) -> None:
    """Make the temporary tables `scored` (pair, weight, odds alone, allowed tiers, strong) and `contradiction` (pair).

    Needs `evidence`, `weigh`, `subject` and `verdict` (l, r, verdict: what people said). `strong`: would be linked
    automatically if nobody else competed.
    """
    connection.execute(_GROUPED)
    _load_prior(connection)
    _load_standing(connection, kind)
    connection.execute(_SCORED, {"auto": settings.auto})
    outcomes = sorted(contradictory(weights.of(kind)))
    connection.execute(
        "create or replace temp table contradiction as select distinct l, r from evidence "
        "where comparison || ':' || outcome in (select unnest($outcomes))",
        {"outcomes": [f"{comparison}:{outcome}" for comparison, outcome in outcomes]},
    )


def complete(connection: Connection, linked: Iterable[Pair]) -> int:
    """Make the temporary table `closure`: pairs inside a component of links that no rule brought. Returns how many."""
    compared = set(connection.execute("select l, r from pair").fetchall())
    missing = [
        pair
        for members in components(linked)
        if 2 < len(members) <= _LARGEST_CLOSURE
        for pair in combinations(sorted(members), 2)
        if pair not in compared
    ]
    connection.execute("create or replace temp table closure (l integer, r integer)")
    if missing:
        _insert(connection, "closure", missing)
        connection.execute("insert into pair select l, r, ['closure'] from closure")
    return len(missing)


def compete(connection: Connection, linked: Sequence[Pair]) -> None:
    """Make the temporary tables `judged` (posterior, share, candidates of each scored pair) and `torn`.

    `linked`: strong pairs and pairs that people accepted. Candidates of one CRM linked to each other count as one.
    """
    systems = dict(connection.execute("select id, system from subject").fetchall())
    inside = [pair for pair in linked if systems[pair[0]] == systems[pair[1]]]
    connection.execute("create or replace temp table grp as select id, id as grp from subject")
    rows = [(member, min(members)) for members in components(inside) for member in members]
    if rows:
        connection.execute("create or replace temp table regrouped (l integer, r integer)")
        _insert(connection, "regrouped", rows)
        connection.execute("update grp set grp = r from regrouped where l = id")
    connection.execute(
        "create or replace temp table rejected as select l, r from verdict where verdict = 'not_a_match'"
    )
    connection.execute(_CANDIDATES)
    connection.execute(_POSTERIOR)
    connection.execute(_TORN)


def strong_pairs(connection: Connection) -> list[Pair]:
    return connection.execute("select l, r from scored where strong order by l, r").fetchall()


def _load_prior(connection: Connection) -> None:
    sizes = dict(connection.execute("select system, count(*) from subject group by 1").fetchall())
    rows = [
        (a, b, weights.prior_odds(sizes[a], sizes[b], same_system=a == b)) for a, b in product(sorted(sizes), repeat=2)
    ]
    connection.execute("create or replace temp table prior (l_system varchar, r_system varchar, prior double)")
    if rows:
        connection.executemany("insert into prior values (?, ?, ?)", rows)


def _load_standing(connection: Connection, kind: Kind) -> None:
    """The tiers that each kind of evidence allows, decided once for each distinct pattern."""
    connection.execute(
        "create or replace temp table standing "
        "(pattern varchar, placeholder boolean, highest varchar, lowest varchar, why varchar)"
    )
    rows = []
    patterns = connection.execute("select distinct pattern, placeholder from summed order by all").fetchall()
    for pattern, placeholder in patterns:
        allowed = standing(outcomes_of(pattern), weights.of(kind), placeholder=placeholder)
        rows.append((pattern, placeholder, allowed.highest.value, allowed.lowest.value, allowed.why_not_auto))
    if rows:
        columns = ["pattern", "placeholder", "highest", "lowest", "why"]
        connection.register("standings", pd.DataFrame(rows, columns=pd.Index(columns)))
        connection.execute("insert into standing from standings")
        connection.unregister("standings")


def outcomes_of(pattern: str) -> frozenset[Outcome]:
    """`family_name:equal phone:mobile` as a set of (comparison, outcome)."""
    return frozenset((c, o) for c, _, o in (item.partition(":") for item in pattern.split(" ")))


def _insert(connection: Connection, table: str, rows: Sequence[Pair]) -> None:
    connection.register("inserted", pd.DataFrame(rows, columns=pd.Index(["l", "r"])))
    connection.execute(f"insert into {table} select l, r from inserted")
    connection.unregister("inserted")
