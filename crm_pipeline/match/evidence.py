"""The evidence of the pairs that somebody may look at: each piece with its verdict, weight, and words in two languages.

Belongs here: writing it, set by set. Not here: which pairs are shown (stage.py), what values and words there are
(shown_values.py, words.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match import words
from crm_pipeline.match.shown_values import records, shown
from crm_pipeline.match.tier import identifying, speaks_against
from crm_pipeline.match.vocabulary import Compared, Comparison, Force, Group
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: The area code as somebody typed it, for the words.
_TYPED = r"""
create or replace temp table typed as
select e164, min(regexp_extract(raw, '^\D*(0\d{1,4})\D', 1)) as area
from normalise.value
where kind = 'phone' and e164 is not null and regexp_matches(raw, '^\D*(0\d{1,4})\D')
group by 1
"""

#: One row a piece of evidence; what says nothing at all is left out, but belongs to what was compared.
_TEXTS = """
create or replace temp table evidence_text as
with said as (
    select i.*, s.identifies, replace(replace(s.words, '{left}', l_shown), '{right}', r_shown) as english,
        replace(replace(s.words_ja, '{left}', l_shown), '{right}', r_shown) as japanese,
        case when s.against or (s.neutral and weight < 0) then 'contradicts' else 'supports' end as verdict,
        not (s.neutral and weight = 0) as speaks
    from (
        select *, replace(l_value, '|', ' ') as l_shown, replace(r_value, '|', ' ') as r_shown from item
    ) i join saying s using (comparison, outcome)
), placed as (
    select *, if(comparison = 'area_code', replace(replace(english, '{area}', split_part(l_value, '|', 1)),
            '{region}', coalesce(p.romaji, split_part(l_value, '|', 2))), english) as words,
        if(comparison = 'area_code', replace(replace(japanese, '{area}', split_part(l_value, '|', 1)),
            '{prefecture}', split_part(l_value, '|', 2)), japanese) as words_ja,
        concat('[', to_json(comparison), ', ', to_json(outcome), ', ', to_json(l_value), ', ', to_json(r_value), ']')
            as compared
    from said left join prefecture_name p on p.name = split_part(l_value, '|', 2)
)
select l, r,
    coalesce(to_json(list({comparison: comparison, verdict: verdict, weight: weight, words: words, words_ja: words_ja}
        order by abs(weight) desc, comparison, outcome) filter (speaks)), '[]'::json) as evidence,
    left(sha256(concat('[', string_agg(compared, ', ' order by comparison, outcome) filter (identifies), ']')), 12)
        || '-' || left(sha256(concat('[', string_agg(compared, ', ' order by comparison, outcome), ']')), 12)
        as evidence_hash
from placed group by l, r
"""


def write(
    connection: Connection,
    kind: Kind,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    compared: Compared,
    parts: NDArray[np.float32],
) -> None:
    """Make the temporary table `evidence_text` (l, r, evidence, evidence_hash) of these pairs.

    `left`, `right`: ids of match.<kind>; `compared` and `parts` (each comparison's own weight) have a row for each.
    `evidence`: [{comparison, verdict: supports|contradicts, weight, words, words_ja}], strongest first.
    `evidence_hash`: "identifiers-everything" that was compared, weights left out: training changes no hash.
    """
    connection.register("pair_frame", pd.DataFrame({"l": left, "r": right}))
    connection.execute("create or replace temp table shown_pair as select l, r from pair_frame")
    connection.unregister("pair_frame")
    connection.execute(_TYPED)
    connection.execute(
        "create or replace temp table shown_id as select l as id from shown_pair union select r from shown_pair"
    )
    connection.execute(f"create or replace temp table shown_record as {records(kind, 'shown_id')}")
    connection.execute(
        "create or replace temp table item "
        "(l integer, r integer, comparison varchar, outcome varchar, weight double, l_value varchar, r_value varchar)"
    )
    for place, comparison in enumerate(compared.comparisons):
        if comparison.group != Group.SAMPLE:
            _add(connection, kind, comparison, left, right, compared.levels[:, place], parts[:, place])
    _load_sayings(connection, compared.comparisons)
    connection.execute(_TEXTS)
    connection.execute(
        "insert into evidence_text select l, r, '[]', left(sha256('[]'), 12) || '-' || left(sha256('[]'), 12) "
        "from shown_pair anti join evidence_text using (l, r)"
    )
    for table in ("typed", "shown_id", "shown_pair", "shown_record", "item", "saying", "prefecture_name"):
        connection.execute(f"drop table {table}")


def _add(
    connection: Connection,
    kind: Kind,
    comparison: Comparison,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    codes: NDArray[np.uint8],
    weights: NDArray[np.float32],
) -> None:
    """The evidence of one comparison into the table `item`."""
    there = np.flatnonzero(codes)
    if not len(there):
        return
    frame = pd.DataFrame(
        {
            "l": left[there],
            "r": right[there],
            "code": codes[there],
            "weight": weights[there].astype(np.float64).round(2),
        }
    )
    values = shown(kind, comparison)
    connection.register("level_frame", frame)
    connection.execute(
        f"""
        insert into item
        select l, r, $name, outcome, weight,
            coalesce(({values.left})::varchar, ''), coalesce(({values.right})::varchar, '')
        from (select *, ($outcomes::varchar[])[code] as outcome from level_frame) p
        join shown_record a on a.id = p.l join shown_record b on b.id = p.r
        """,
        {"name": comparison.name, "outcomes": [level.name for level in comparison.levels]},
    )
    connection.unregister("level_frame")


def _load_sayings(connection: Connection, comparisons: Sequence[Comparison]) -> None:
    """The tables `saying` (what each outcome says and does) and `prefecture_name` (in Latin letters)."""
    identifies = identifying(tuple(comparisons))
    rows = []
    for comparison in comparisons:
        for level in comparison.levels:
            if comparison.group == Group.SAMPLE:
                continue
            english, japanese = words.templates(comparison, level.name)
            rows.append(
                (
                    comparison.name,
                    level.name,
                    english,
                    japanese,
                    (comparison.name, level.name) in identifies,
                    speaks_against(level.force),
                    level.force is Force.NEUTRAL,
                )
            )
    names = ["comparison", "outcome", "words", "words_ja", "identifies", "against", "neutral"]
    for table, frame in (
        ("saying", pd.DataFrame(rows, columns=pd.Index(names))),
        ("prefecture_name", pd.DataFrame(words.prefectures().items(), columns=pd.Index(["name", "romaji"]))),
    ):
        connection.register("said_frame", frame)
        connection.execute(f"create or replace temp table {table} as from said_frame")
        connection.unregister("said_frame")
