"""The syntax tree of a SOQL query.

Belongs here: what a query says. Not here: whether objects and fields exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf

LiteralKind = OneOf["text", "number", "date", "datetime", "boolean", "null", "range"]
AGGREGATES = frozenset({"count", "count_distinct", "min", "max", "sum", "avg"})


@dataclass(frozen=True)
class Path:
    """A field, perhaps over relationships: (`Account`, `Owner`, `Email`)."""

    names: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        """The path as a query writes it."""
        return ".".join(self.names)

    @property
    def path(self) -> Path:
        """Itself: the field at the heart of an operand."""
        return self


@dataclass(frozen=True)
class Function:
    """A function of a field or of another function, its name in lower case; COUNT() has no argument."""

    name: str
    argument: Operand | None
    position: int

    @property
    def path(self) -> Path:
        """The field at the heart of it; an empty one for COUNT()."""
        return Path((), self.position) if self.argument is None else self.argument.path

    @property
    def is_aggregate(self) -> bool:
        """Whether it makes one value of the values of many rows, or is a function of such a value."""
        inner = self.argument
        return self.name in AGGREGATES or (isinstance(inner, Function) and inner.is_aggregate)


Operand = Path | Function


@dataclass(frozen=True)
class Literal:
    """A value in the query; a range (`LAST_N_DAYS:3`) keeps its text, in upper case."""

    kind: LiteralKind
    value: str | Decimal | bool | None
    position: int


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of = != < > <= >= like."""

    path: Operand
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Membership:
    """IN or NOT IN a list of values."""

    path: Operand
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Inclusion:
    """INCLUDES, or EXCLUDES when negated: a multi-select picklist has all values of one of the texts (`a;b`)."""

    path: Operand
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class SemiJoin:
    """IN or NOT IN the ids that another query selects."""

    path: Operand
    query: Query
    negated: bool


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True)
class Junction:
    """All of the conditions hold (`operator` and), or at least one does (or)."""

    operator: OneOf["and", "or"]
    conditions: tuple[Condition, ...]


Condition = Comparison | Membership | Inclusion | SemiJoin | Not | Junction


@dataclass(frozen=True)
class Selected:
    """A field or function of the SELECT list, perhaps with an alias."""

    operand: Operand
    alias: str | None


@dataclass(frozen=True)
class AllFields:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM); `kind` in lower case."""

    kind: str
    position: int


@dataclass(frozen=True)
class TypeOf:
    """TYPEOF: the fields to answer for each object a reference may lead to, and those for any other object."""

    path: Path
    branches: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True)
class Children:
    """A query over a child relationship, in the SELECT list; its `object_` names the relationship."""

    query: Query


Item = Selected | AllFields | TypeOf | Children


@dataclass(frozen=True)
class Order:
    """One column of ORDER BY."""

    path: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A whole query; `object_` as written, `object_position` its place in the text; `scope` in lower case."""

    selected: tuple[Item, ...]
    object_: str
    object_position: int
    scope: str | None
    where: Condition | None
    groups: tuple[Operand, ...]
    having: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int

    @property
    def is_aggregate(self) -> bool:
        """Whether it answers groups of rows instead of rows."""
        return bool(self.groups) or any(_is_aggregate(item) for item in self.selected)


def _is_aggregate(item: Item) -> bool:
    return isinstance(item, Selected) and isinstance(item.operand, Function) and item.operand.is_aggregate


def semi_joins(condition: Condition | None) -> Iterator[SemiJoin]:
    """All semi-joins of a condition."""
    match condition:
        case SemiJoin():
            yield condition
        case Not(inner):
            yield from semi_joins(inner)
        case Junction(_, conditions):
            for part in conditions:
                yield from semi_joins(part)
