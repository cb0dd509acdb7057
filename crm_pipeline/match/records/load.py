"""From match.person or match.company to arrays.

Belongs here: reading columns as codes. A code is a value's place in the sorted distinct values, so it never depends on
the order of rows; of columns whose texts nobody needs, equal values have equal codes and that is all. Not here: which
columns there are (columns.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.model.national import family_share
from crm_pipeline.match.own_columns import PREFIX
from crm_pipeline.match.records import columns
from crm_pipeline.match.records.subjects import Codes, Flags, Subjects, Values, ValueSets
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Longer values are compared by their beginning: a cell of 10 MB is a mistake, and no two of those need telling apart.
_LONGEST = 1000


@dataclass(frozen=True)
class _Places:
    """Where each id stands among the ids, ascending."""

    ids: NDArray[np.int32]
    table: NDArray[np.int32]

    @classmethod
    def of(cls, ids: NDArray[np.int32]) -> _Places:
        table = np.zeros(int(ids[-1]) + 1 if len(ids) else 0, dtype=np.int32)
        table[ids] = np.arange(len(ids), dtype=np.int32)
        return cls(ids, table)

    def __call__(self, ids: NDArray[np.int32]) -> NDArray[np.int64]:
        return self.table[ids].astype(np.int64)


def load(connection: Connection, kind: Kind, ids: str | None = None) -> Subjects:
    """The records whose `id` is in the table or view `ids`; all of them when it is None."""
    chosen = f"semi join {ids} using (id)" if ids else ""
    connection.execute(f"create or replace temp {'table' if ids else 'view'} loading as from match.{kind} {chosen}")
    own = _own_columns(connection)
    singles = {**columns.VALUES[kind], **own}
    several = columns.SETS[kind]
    places = _Places.of(np.sort(connection.execute("select id from loading").fetchnumpy()["id"]).astype(np.int32))
    groups = [(name,) for name in (*singles, *several) if not any(name in group for group in columns.TOGETHER[kind])]
    values: dict[str, Values] = {}
    sets: dict[str, ValueSets] = {}
    for group in (*columns.TOGETHER[kind], *groups):
        rows = [_rows(name, singles, several) for name in group]
        distinct: Sequence[str] = ()
        if not len(places.ids):
            # a kind of which there is nobody: a hundred queries for nothing
            coded = iter([(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))] * len(group))
        elif columns.TEXTLESS.issuperset(group):
            coded = _hashed(connection, rows, places)
        else:
            _number(connection, rows)
            distinct = _texts(connection)
            coded = (_coded(connection, one, places) for one in rows)
        for name, (place, code) in zip(group, coded, strict=True):
            if name in singles:
                values[name] = Values(_scattered(place, code, len(places.ids)), distinct)
            else:
                sets[name] = _set(place, code, len(places.ids), distinct)
    flags = _flags(connection, columns.FLAGS[kind], places)
    if kind is Kind.PERSON:
        flags["japanese"] = _japanese(values["family_key"])
    connection.execute(f"drop {'table' if ids else 'view'} loading; drop table if exists numbered")
    return Subjects(places.ids, values, sets, flags)


def _own_columns(connection: Connection) -> Mapping[str, str]:
    """The columns of a file that have no role."""
    names = connection.execute("select distinct unnest(map_keys(extra)) as name from loading order by 1").fetchall()
    return {PREFIX + name: f"extra['{name.replace(chr(39), chr(39) * 2)}']" for (name,) in names}


def _rows(name: str, singles: Mapping[str, str], several: Mapping[str, str]) -> str:
    if name in singles:
        return f"select id, left({singles[name]}, {_LONGEST}) as value from loading where {singles[name]} is not null"
    return (
        f"select id, left(value, {_LONGEST}) as value from (select id, unnest({several[name]}) as value from loading)"
    )


def _number(connection: Connection, rows: Sequence[str]) -> None:
    """The table `numbered` (value, code) of everything in these queries."""
    union = " union all ".join(f"select value from ({query})" for query in rows)
    connection.execute(
        "create or replace temp table numbered as "
        "select value, (row_number() over (order by value) - 1)::integer as code "
        f"from (select distinct value from ({union}) where value is not null)"
    )


def _texts(connection: Connection) -> Sequence[str]:
    found = connection.execute("select value, code from numbered").fetchnumpy()
    texts = np.empty(len(found["code"]), dtype=object)
    texts[found["code"]] = found["value"]
    return list(texts)


def _coded(connection: Connection, rows: str, places: _Places) -> tuple[NDArray[np.int64], Codes]:
    """Place and code of each value in these rows."""
    found = connection.execute(f"select id, code from ({rows}) join numbered using (value)").fetchnumpy()
    return places(np.asarray(found["id"])), np.asarray(found["code"], dtype=np.int32)


def _hashed(connection: Connection, rows: Sequence[str], places: _Places) -> Iterator[tuple[NDArray[np.int64], Codes]]:
    """Place and code of each value in each of these queries, by the values' hashes: of ten million values two different
    ones have the same with a chance of 1 in 400,000."""
    found = [
        connection.execute(f"select id, hash(value) as code from ({one}) where value is not null").fetchnumpy()
        for one in rows
    ]
    codes, _ = pd.factorize(np.concatenate([one["code"] for one in found]))
    begin = 0
    for one in found:
        end = begin + len(one["id"])
        yield places(np.asarray(one["id"])), codes[begin:end].astype(np.int32)
        begin = end


def _scattered(place: NDArray[np.int64], code: Codes, count: int) -> Codes:
    codes = np.full(count, -1, dtype=np.int32)
    codes[place] = code
    return codes


def _set(place: NDArray[np.int64], code: Codes, count: int, distinct: Sequence[str]) -> ValueSets:
    packed = place << 32 | code
    packed.sort()
    packed = packed[np.diff(packed, prepend=-1) != 0]
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(packed >> 32, minlength=count), out=offsets[1:])
    return ValueSets(offsets, (packed & 0xFFFFFFFF).astype(np.int32), distinct)


def _flags(connection: Connection, expressions: Mapping[str, str], places: _Places) -> dict[str, Flags]:
    flags = {}
    for name, expression in expressions.items():
        flag = np.zeros(len(places.ids), dtype=np.bool_)
        found = connection.execute(f"select id from loading where {expression}").fetchnumpy()["id"]
        flag[places(np.asarray(found))] = True
        flags[name] = flag
    return flags


def _japanese(families: Values) -> Flags:
    """Records with a family name that is known in Japan."""
    known = np.array([family_share(name) is not None for name in families.distinct] + [False])
    return known[families.codes]
