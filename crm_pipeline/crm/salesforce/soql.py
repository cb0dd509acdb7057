"""SOQL texts: literals, queries, and lists of values and columns cut to what fits into an address.

Not here: sending them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote_plus

from crm_pipeline.crm.protocol import Span

_LONGEST = 15_500  # bytes of a query in the address; Salesforce refuses addresses with headers above 16,384
_FOR_CONDITIONS = 6_000  # of them, where records are named: about 200 ids, which is worth a second query


@dataclass(frozen=True)
class Query:
    """What is asked of an object. `deleted`: with the recycle bin and archived activities (queryAll)."""

    object_: str
    columns: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    deleted: bool = False

    def text(self, *, ordered: bool = False) -> str:
        return select(self.columns, self.object_, self.conditions, ordered=ordered)

    def where(self, *conditions: str) -> Query:
        return replace(self, conditions=(*self.conditions, *conditions))

    @property
    def fits(self) -> bool:
        """Whether it can be asked in an address."""
        return len(quote_plus(self.text(ordered=True))) <= _LONGEST - 200  # 200: where a cursor is taken up again

    def parts(self) -> list[Query]:
        """The same columns in as few queries as leave room for a list of ids, each with the Id."""
        room = _LONGEST - _FOR_CONDITIONS
        if len(quote_plus(self.text())) <= room:
            return [self]
        groups: list[list[str]] = [[]]
        used = 0
        for column in dict.fromkeys(self.columns):
            length = len(quote_plus(f"{column}, "))
            if used + length > room:
                groups.append(["Id"])
                used = 0
            groups[-1].append(column)
            used += length
        return [replace(self, columns=tuple(group)) for group in groups]


def select(fields: Iterable[str], object_: str, conditions: Iterable[str] = (), *, ordered: bool = False) -> str:
    """A query; empty conditions are left out."""
    where = " AND ".join(one for one in conditions if one)
    text = f"SELECT {', '.join(dict.fromkeys(fields))} FROM {object_}"
    return text + (f" WHERE {where}" if where else "") + (" ORDER BY Id" if ordered else "")


def quoted(text: str) -> str:
    """A string literal."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def instant(at: datetime) -> str:
    """A dateTime literal, in milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def window(field: str, since: datetime | None, until: datetime | None) -> list[str]:
    """Conditions of [since, until) on a dateTime field."""
    bounds = ((">=", since), ("<", until))
    return [f"{field} {operator} {instant(at)}" for operator, at in bounds if at is not None]


def between(span: Span) -> list[str]:
    """Conditions of a span of ids."""
    bounds = ((">", span.after), ("<=", span.to))
    return [f"Id {operator} {quoted(one)}" for operator, one in bounds if one]


def any_of(field: str, values: Sequence[str], query: str) -> Iterator[str]:
    """Conditions `field IN (...)` over all distinct values, each short enough to stand in `query` with its WHERE."""
    room = _LONGEST - len(quote_plus(f"{query} WHERE {field} IN ()"))
    chunk: list[str] = []
    used = 0
    for value in dict.fromkeys(values):
        literal = quoted(value)
        length = len(quote_plus(literal + ","))
        if chunk and used + length > room:
            yield f"{field} IN ({','.join(chunk)})"
            chunk, used = [], 0
        chunk.append(literal)
        used += length
    if chunk:
        yield f"{field} IN ({','.join(chunk)})"
