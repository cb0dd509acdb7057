"""The evidence of a pair: what supports and what contradicts that two records are one customer.

Belongs here: running every comparison over the whole table of pairs; string distances on distinct pairs of values.
Not here: the comparisons themselves (statements.py), what evidence means for the tier (tier.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crm_pipeline.match.before import statements
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Names of one edit's distance are similar from this length on: Sato and Saito are two names.
_SHORTEST_TYPO = 6
#: Company keys: similar from here; below the other bound they are clearly different.
_SIMILAR_COMPANY, _DIFFERENT_COMPANY = 0.92, 0.75

_PAIRED = "from {pairs} p join subject a on a.id = p.l join subject b on b.id = p.r"

#: Somebody who married: another family name, but given name, birth date and a contact agree.
_CHANGED_NAME = """
update evidence set outcome = 'changed', weight = (select base from weigh where outcome = 'changed')
where comparison = 'family_name' and outcome = 'different' and (l, r) in (
    select (l, r) from evidence group by l, r
    having bool_or(comparison = 'given_name' and outcome in ('equal', 'reading'))
        and bool_or(comparison = 'birth_date' and outcome = 'equal')
        and bool_or(comparison in ('e_mail', 'phone') and weight > 0)
)
"""


def start(connection: Connection) -> None:
    """An empty temporary table `evidence`: pair, comparison, outcome, weight, both values as compared."""
    connection.execute(
        "create or replace temp table evidence (l integer, r integer, comparison varchar, outcome varchar, "
        "weight decimal(8, 2), l_value varchar, r_value varchar)"
    )


def compare(connection: Connection, kind: Kind, pairs: str) -> None:
    """Add the evidence of the table `pairs` (l, r) to the temporary table `evidence`."""
    for statement in _statements(connection, kind, pairs):
        connection.execute(
            f"""
            insert into evidence
            select l, r, comparison, outcome, least(base + if(base = cap, 0, rarity), cap), l_value, r_value
            from ({statement}) t(l, r, comparison, outcome, rarity, l_value, r_value)
            join weigh using (comparison, outcome)
            """
        )
    if kind is Kind.PERSON:
        connection.execute(_CHANGED_NAME)


def _statements(connection: Connection, kind: Kind, pairs: str) -> list[str]:
    paired = _PAIRED.format(pairs=pairs)
    column = "company_key" if kind is Kind.PERSON else "name_key"
    _measure_companies(connection, paired, column)
    bounds = {"similar": _SIMILAR_COMPANY, "different": _DIFFERENT_COMPANY}
    templates = statements.PERSON if kind is Kind.PERSON else statements.COMPANY
    prepared = [template.format(pairs=pairs, paired=paired, **bounds) for template in templates]
    if kind is Kind.PERSON:
        _measure_names(connection, paired)
        weak = "when a.family_weak = b.family_weak then 'weak'"
        for part, more, variant in (("family", "", weak), ("given", statements.GIVEN, "")):
            joins = (
                f"left join rarity f on f.what = '{part}' and f.value = a.{part}_key "
                f"left join rarity g on g.what = '{part}' and g.value = b.{part}_key "
                "left join nickname n on n.l_value = a.given_key and n.r_value = b.given_key"
            )
            prepared.append(statements.PART.format(part=part, paired=paired, more=more, weak=variant, joins=joins))
    return prepared


def _measure_names(connection: Connection, paired: str) -> None:
    """The table `typo` (l_value, r_value): names in Latin letters that are one edit apart."""
    frame = connection.execute(
        " union ".join(
            f"select a.{part}_key as l_value, b.{part}_key as r_value {paired} "
            f"where a.{part}_script = 'latin' and b.{part}_script = 'latin' and a.{part}_key <> b.{part}_key "
            f"and least(length(a.{part}_key), length(b.{part}_key)) >= {_SHORTEST_TYPO} "
            f"and abs(length(a.{part}_key) - length(b.{part}_key)) <= 1"
            for part in ("family", "given")
        )
    ).df()
    edits = process.cpdist(frame["l_value"].tolist(), frame["r_value"].tolist(), scorer=OSA.distance, dtype=np.int32)
    _keep(connection, "typo", frame[edits == 1])


def _measure_companies(connection: Connection, paired: str, column: str) -> None:
    """The table `ratio` (l_value, r_value, ratio): Jaro-Winkler similarity of company keys that differ."""
    frame = connection.execute(
        f"select distinct a.{column} as l_value, b.{column} as r_value {paired} where a.{column} <> b.{column}"
    ).df()
    left, right = frame["l_value"].tolist(), frame["r_value"].tolist()
    ratio = process.cpdist(left, right, scorer=JaroWinkler.normalized_similarity, dtype=np.float64)
    _keep(connection, "ratio", frame.assign(ratio=ratio))


def _keep(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    columns = ", ".join(f"{name}::{'double' if name == 'ratio' else 'varchar'} as {name}" for name in frame.columns)
    connection.register("measured", frame)
    connection.execute(f"create or replace temp table {table} as select {columns} from measured")
    connection.unregister("measured")
