"""The evidence of the pairs that somebody may look at: each piece with its verdict, weight, and words in two languages.

Belongs here: writing it, all pieces of a pair in one row, which is a fourth of the work of one row a piece. Not here:
which pairs are shown (shown.py), what values there are (shown_values.py), what a piece says (saying.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.evidence.saying import escaped, saying
from crm_pipeline.match.evidence.shown_values import records, shown
from crm_pipeline.match.evidence.words import prefectures
from crm_pipeline.match.tiers.tier import identifying
from crm_pipeline.match.vocabulary import Compared, Comparison, Force, Group
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

_EMPTY = "create or replace temp table evidence_text (l integer, r integer, evidence json, evidence_hash varchar)"

#: The area code as somebody typed it, for the words.
_TYPED = r"""
create or replace temp table typed as
select e164, min(regexp_extract(raw, '^\D*(0\d{1,4})\D', 1)) as area
from normalise.value
where kind = 'phone' and e164 is not null and regexp_matches(raw, '^\D*(0\d{1,4})\D')
group by 1
"""
#: Values that ask for another table: of few pairs, so they are found aside.
_LOOKED_UP = """
create or replace temp table looked_up as
select v.*, p.romaji from (
    select l, r, coalesce({left}, '') as left_value, coalesce({right}, '') as right_value
    from (select l, r, {outcome} as outcome from pair_frame where c{place} > 0) p
    join shown_record a on a.id = p.l join shown_record b on b.id = p.r
) v left join (
    select unnest($names::varchar[]) as name, unnest($romaji::varchar[]) as romaji
) p on p.name = split_part(left_value, '|', 2)
"""
_NONE_LOOKED_UP = """
create or replace temp table looked_up
(l integer, r integer, left_value varchar, right_value varchar, romaji varchar)
"""

#: One row a pair. `pieces` are in the order of the comparisons' names; `o0`, `o1`, ... say which comes first, second.
_TEXTS = """
insert into evidence_text
select l, r, concat('[', concat_ws(',', {ordered}), ']'),
    left(sha256(concat('[', concat_ws(', ', {identifying}), ']')), 12)
        || '-' || left(sha256(concat('[', concat_ws(', ', {compared}), ']')), 12)
from (
    select l, r, {codes}, {orders}, [{pieces}] as pieces, {said}
    from (
        select l, r, romaji, {codes}, {weights}, {orders}, {escaped}
        from (
            select p.*, romaji, {values}
            from (select *, {outcomes} from pair_frame) p
            join shown_record a on a.id = p.l join shown_record b on b.id = p.r
            left join looked_up on looked_up.l = p.l and looked_up.r = p.r
        )
    )
)
"""


class Portion(NamedTuple):
    """Pairs (ids of match.<kind>), how each compares, and each comparison's own weight: a row for each pair."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    compared: Compared
    parts: NDArray[np.float32]


def write(connection: Connection, kind: Kind, portions: Iterable[Portion]) -> None:
    """Make the temporary table `evidence_text` (l, r, evidence, evidence_hash) of all these pairs.

    `evidence`: [{comparison, verdict: supports|contradicts, weight, words, words_ja}], strongest first.
    `evidence_hash`: "identifiers-everything" that was compared, weights left out: training changes no hash.
    """
    connection.execute(_EMPTY)
    for portion in portions:
        _add(connection, kind, portion)


def _add(connection: Connection, kind: Kind, portion: Portion) -> None:
    left, right, compared, parts = portion
    told = [place for place, one in enumerate(compared.comparisons) if one.group != Group.SAMPLE]
    told.sort(key=lambda place: compared.comparisons[place].name.encode())
    comparisons = [compared.comparisons[place] for place in told]
    codes = compared.levels[:, told]
    weights = parts[:, told].astype(np.float64).round(2)
    order = _strongest_first(comparisons, codes, weights)
    columns = {
        "l": left,
        "r": right,
        **{f"c{place}": codes[:, place] for place in range(len(told))},
        **{f"w{place}": weights[:, place] for place in range(len(told))},
        **{f"o{place}": order[:, place] for place in range(len(told))},
    }
    connection.register("pair_frame", pd.DataFrame(columns))
    connection.execute(
        "create or replace temp table shown_id as select l as id from pair_frame union select r from pair_frame"
    )
    connection.execute(f"create or replace temp table shown_record as {records(kind, 'shown_id')}")
    _look_up(connection, kind, comparisons, codes)
    connection.execute(_texts(kind, comparisons))
    connection.unregister("pair_frame")
    connection.execute("drop table shown_id; drop table shown_record; drop table looked_up")


def _strongest_first(
    comparisons: Sequence[Comparison], codes: NDArray[np.uint8], weights: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Of each pair the numbers, from 1, of the comparisons that say something, strongest first; then zeros."""
    neutral = [np.array([False, *(level.force is Force.NEUTRAL for level in one.levels)]) for one in comparisons]
    silent = np.column_stack(
        [
            (codes[:, place] == 0) | (neutral[place][codes[:, place]] & (weights[:, place] == 0))
            for place in range(len(comparisons))
        ]
    )
    order = np.argsort(np.where(silent, np.inf, -np.abs(weights)), axis=1, kind="stable")
    found = (order + 1).astype(np.uint8)
    found[np.arange(len(comparisons)) >= (~silent).sum(axis=1)[:, None]] = 0
    return found


def _look_up(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], codes: NDArray[np.uint8]) -> None:
    place = next((place for place, one in enumerate(comparisons) if _asks(one)), None)
    if place is None or not codes[:, place].any():
        connection.execute(_NONE_LOOKED_UP)
        return
    connection.execute(_TYPED)
    values = shown(kind, comparisons[place], "outcome")
    outcome = _outcome(comparisons[place], place)
    known = prefectures()
    connection.execute(
        _LOOKED_UP.format(left=values.left, right=values.right, place=place, outcome=outcome),
        {"names": list(known.keys()), "romaji": list(known.values())},
    )
    connection.execute("drop table typed")


def _asks(comparison: Comparison) -> bool:
    return comparison.method is None and comparison.name == "area_code"


def _texts(kind: Kind, comparisons: Sequence[Comparison]) -> str:
    identifies = identifying(tuple(comparisons))
    numbers = range(len(comparisons))
    sayings = [saying(one, place, identifies) for place, one in enumerate(comparisons)]
    return _TEXTS.format(
        ordered=", ".join(f"pieces[o{place}]" for place in numbers),
        identifying=", ".join([one.identifying for one in sayings if one.identifying] or ["null"]),
        compared=", ".join(f"s{place}" for place in numbers),
        codes=", ".join(f"c{place}" for place in numbers),
        weights=", ".join(f"w{place}" for place in numbers),
        orders=", ".join(f"o{place}" for place in numbers),
        pieces=", ".join(one.piece for one in sayings),
        said=", ".join(f"{one.compared} as s{place}" for place, one in enumerate(sayings)),
        escaped=", ".join(f"{escaped(f'{side}{place}')} as {side}{place}" for place in numbers for side in "lr"),
        values=", ".join(_values(kind, one, place) for place, one in enumerate(comparisons)),
        outcomes=", ".join(f"{_outcome(one, place)} as t{place}" for place, one in enumerate(comparisons)),
    )


def _outcome(comparison: Comparison, place: int) -> str:
    names = "', '".join(level.name for level in comparison.levels)
    return f"(['{names}'])[c{place}]"


def _values(kind: Kind, comparison: Comparison, place: int) -> str:
    if _asks(comparison):
        return f"left_value as l{place}, right_value as r{place}"
    values = shown(kind, comparison, f"t{place}")
    return ", ".join(
        f"if(c{place} > 0, coalesce(({value})::varchar, ''), null) as {side}{place}"
        for side, value in (("l", values.left), ("r", values.right))
    )
