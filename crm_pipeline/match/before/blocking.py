"""Which pairs are worth comparing: those that share a key of at least one rule.

Belongs here: the rules, and the report of what they cover. A block that is too large is refined by a second key, never
dropped in silence: what stays uncompared is counted in match.coverage. Not here: the comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Records that may share a key before the block is refined (facts/matching.md, section 3: 400).
_LARGEST = 200


@dataclass(frozen=True)
class Rule:
    """Rows (id, key, probe): two records with one key are a pair if at least one of them is a probe."""

    name: str
    rows: str


_PERSON = (
    Rule("e-mail", "select id, identity, true from mailbox"),
    Rule("phone", "select id, e164, true from telephone"),
    Rule("full name", "select id, full_key, true from subject"),
    Rule("family name in another spelling", "select id, family_weak || ' ' || given_key, true from subject"),
    Rule(
        "reading",
        "select id, f || ' ' || g, true from (select id, unnest(family_readings) as f, given_readings from subject), "
        "unnest(given_readings) as u(g)",
    ),
    Rule(
        "reading and initial",
        "select id, f || ' ' || i, initial from ("
        "select id, initial, unnest(family_readings) as f, "
        "case when initial then [given_key[1:1]] else list_distinct([g[1:1] for g in given_readings]) end as letters "
        "from subject), unnest(letters) as u(i)",
    ),
    # One side has the family name only: it is compared with every bearer of that name, in either script.
    Rule("family name alone", "select id, family_weak, given_key is null from subject"),
    Rule(
        "family reading alone",
        "select id, unnest(family_readings), given_key is null from subject",
    ),
    Rule("family name and postal code", "select id, family_weak || ' ' || postal_code, true from subject"),
    Rule("family name and company", "select id, family_weak || ' ' || company_key, true from subject"),
    Rule("birth date and family name", "select id, birth_date || ' ' || family_weak, true from subject"),
    Rule("birth date and given name", "select id, birth_date || ' ' || given_key, true from subject"),
    Rule("birth date and postal code", "select id, birth_date || ' ' || postal_code, true from subject"),
    Rule(
        "mailbox name and company",
        "select m.id, m.local || ' ' || s.company_key, true from mailbox m join subject s using (id) "
        "where not m.shared",
    ),
    Rule(
        "company domain and given name",
        "select id, domain || ' ' || given_key, true from subject join "
        "(select id, domain from mailbox union select id, domain from employer_domain) using (id)",
    ),
    Rule("rare family name", "select id, family_key, true from subject join rare using (family_key)"),
)

_COMPANY = (
    Rule("name", "select id, name_key, true from subject"),
    Rule("domain", "select id, domain, true from site"),
    Rule(
        "name in the domain",
        "select id, label_of(domain), false from site union select id, name_key, true from subject",
    ),
    Rule("phone", "select id, e164, true from telephone"),
    Rule("beginning of the name and city", "select id, name_key[1:2] || ' ' || city, true from subject"),
    Rule("beginning of the name", "select id, name_key[1:5], true from subject where length(name_key) >= 5"),
    Rule("address", "select id, postal_code || ' ' || number, true from subject"),
)

#: What refines a large block.
_REFINED_BY = {
    Kind.PERSON: ("birth_date::varchar", "postal_code", "city", "company_key"),
    Kind.COMPANY: ("postal_code", "city"),
}

_PAIRS = """
insert into found
select distinct least(a.id, b.id), greatest(a.id, b.id), $rule
from block a
join block b on a.key = b.key and a.id < b.id and (a.probe or b.probe)
"""


def block(connection: Connection, kind: Kind) -> None:
    """Make the temporary table `pair` (l, r, rules) of ids with l < r, and add the kind's rows to match.coverage."""
    connection.execute("create or replace temp table found (l integer, r integer, rule varchar)")
    connection.execute("create or replace temp table uncompared (rule varchar, pairs bigint, records bigint)")
    if kind is Kind.PERSON:
        # The family names of a few people: worth comparing whatever else they share.
        connection.execute(
            "create or replace temp table rare as select family_key from subject where family_key is not null "
            "group by family_key having count(*) <= 20"
        )
    rules = _PERSON if kind is Kind.PERSON else _COMPANY
    for rule in rules:
        _apply(connection, rule, _REFINED_BY[kind])
    connection.execute(
        "create or replace temp table pair as select l, r, list_sort(list(rule)) as rules from found group by l, r"
    )
    _report(connection, kind, rules)


def _apply(connection: Connection, rule: Rule, refined_by: Sequence[str]) -> None:
    connection.execute(
        f"""
        create or replace temp table keyed as
        select distinct on (id, key) id, key, probe from ({rule.rows}) t(id, key, probe) where key is not null
        order by id, key, probe desc
        """
    )
    connection.execute(
        """
        create or replace temp table size as
        select key, count(*) as n, count(*) filter (probe) as probes from keyed group by key
        """
    )
    # A probe is compared with the whole block, everybody else only with the probes.
    fits = f"(n <= {_LARGEST} or probes * n <= {_LARGEST * _LARGEST // 2})"
    connection.execute(
        f"create or replace temp table block as select k.* from keyed k join size using (key) where {fits}"
    )
    connection.execute(_PAIRS, {"rule": rule.name})
    refined = " union all ".join(
        f"select k.id, k.key || ' ' || s.{column} as key, k.probe "
        f"from keyed k join size using (key) join subject s using (id) where not {fits}"
        for column in refined_by
    )
    connection.execute(
        f"""
        create or replace temp table block as
        with refined as (select distinct * from ({refined}) where key is not null)
        select * from refined qualify count(*) over (partition by key) <= {_LARGEST}
        """
    )
    connection.execute(_PAIRS, {"rule": rule.name})
    connection.execute(
        f"""
        insert into uncompared
        select $rule, sum(probes * (n - probes) + probes * (probes - 1) // 2) - (
            select count(*) from found f where f.rule = $rule
            and exists (from keyed k join size using (key) where k.id = f.l and not {fits})
        ), sum(n) from size where not {fits} having count(*) > 0
        """,
        {"rule": rule.name},
    )


def _report(connection: Connection, kind: Kind, rules: Sequence[Rule]) -> None:
    connection.execute("delete from match.coverage where kind = ?", [kind])
    connection.execute(
        """
        insert into match.coverage
        with pairs as (select rule, count(*) as pairs from found group by rule),
        added as (select rules[1] as rule, count(*) as added from pair where len(rules) = 1 group by 1),
        covered as (select rule, count(distinct id) as records
                    from (select rule, l as id from found union all select rule, r from found) group by rule)
        select $kind, rule, coalesce(pairs, 0), coalesce(added, 0), coalesce(records, 0)
        from unnest($rules::varchar[]) as u(rule)
        left join pairs using (rule) left join added using (rule) left join covered using (rule)
        union all
        select $kind, 'too large: ' || rule, greatest(pairs, 0), 0, records from uncompared
        union all
        select $kind, 'in no block', 0, 0, count(*)
        from subject where id not in (select l from found union select r from found)
        """,
        {"kind": kind, "rules": [rule.name for rule in rules]},
    )
