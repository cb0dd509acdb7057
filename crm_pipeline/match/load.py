"""From match.person or match.company to arrays.

Belongs here: reading columns as codes. A code is a value's place in the sorted distinct values, so it never depends on
the order of rows. Not here: which columns there are (columns.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match import columns
from crm_pipeline.match.model.national import family_share
from crm_pipeline.match.own_columns import PREFIX
from crm_pipeline.match.subjects import Codes, Flags, Subjects, Values, ValueSets
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Longer values are compared by their beginning: a cell of 10 MB is a mistake, and no two of those need telling apart.
_LONGEST = 1000


def load(connection: Connection, kind: Kind, ids: str | None = None) -> Subjects:
    """The records whose `id` is in the table or view `ids`; all of them when it is None."""
    chosen = f"semi join {ids} using (id)" if ids else ""
    connection.execute(f"create or replace temp table loading as from match.{kind} {chosen}")
    own = _own_columns(connection)
    singles = {**columns.VALUES[kind], **own}
    several = columns.SETS[kind]
    numbers = np.sort(connection.execute("select id from loading").fetchnumpy()["id"]).astype(np.int32)
    groups = [(name,) for name in (*singles, *several) if not any(name in group for group in columns.TOGETHER[kind])]
    values: dict[str, Values] = {}
    sets: dict[str, ValueSets] = {}
    for group in (*columns.TOGETHER[kind], *groups):
        _number(connection, [_rows(name, singles, several) for name in group])
        text = any(name not in columns.TEXTLESS for name in group)
        distinct = _texts(connection) if text else ()
        for name in group:
            place, code = _coded(connection, _rows(name, singles, several), numbers)
            if name in singles:
                values[name] = Values(_scattered(place, code, len(numbers)), distinct)
            else:
                sets[name] = _set(place, code, len(numbers), distinct)
    flags = _flags(connection, columns.FLAGS[kind], numbers)
    if kind is Kind.PERSON:
        flags["japanese"] = _japanese(values["family_key"])
    connection.execute("drop table loading; drop table if exists numbered")
    return Subjects(numbers, values, sets, flags)


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


def _coded(connection: Connection, rows: str, numbers: NDArray[np.int32]) -> tuple[NDArray[np.int64], Codes]:
    """Place and code of each value in these rows."""
    found = connection.execute(f"select id, code from ({rows}) join numbered using (value)").fetchnumpy()
    return np.searchsorted(numbers, found["id"]), np.asarray(found["code"], dtype=np.int32)


def _scattered(place: NDArray[np.int64], code: Codes, count: int) -> Codes:
    codes = np.full(count, -1, dtype=np.int32)
    codes[place] = code
    return codes


def _set(place: NDArray[np.int64], code: Codes, count: int, distinct: Sequence[str]) -> ValueSets:
    packed = np.unique(place << 32 | code)
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(packed >> 32, minlength=count), out=offsets[1:])
    return ValueSets(offsets, (packed & 0xFFFFFFFF).astype(np.int32), distinct)


def _flags(connection: Connection, expressions: Mapping[str, str], numbers: NDArray[np.int32]) -> dict[str, Flags]:
    flags = {}
    for name, expression in expressions.items():
        flag = np.zeros(len(numbers), dtype=np.bool_)
        found = connection.execute(f"select id from loading where {expression}").fetchnumpy()["id"]
        flag[np.searchsorted(numbers, found)] = True
        flags[name] = flag
    return flags


def _japanese(families: Values) -> Flags:
    """Records with a family name that is known in Japan."""
    known = np.array([family_share(name) is not None for name in families.distinct] + [False])
    return known[families.codes]
