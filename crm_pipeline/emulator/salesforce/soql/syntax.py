"""The syntax tree of a SOQL query."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf

LiteralKind = OneOf["text", "number", "date", "datetime", "boolean", "null", "range"]


@dataclass(frozen=True)
class Path:
    """A field, perhaps over relationships: (`Account`, `Owner`, `Email`)."""

    names: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class Literal:
    """A value in the query; a range (`LAST_N_DAYS:3`) keeps its text, in upper case."""

    kind: LiteralKind
    value: str | Decimal | bool | None
    position: int


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of = != < > <= >= like."""

    path: Path
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Membership:
    """IN or NOT IN a list of values."""

    path: Path
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class SemiJoin:
    """IN or NOT IN the ids that another query selects."""

    path: Path
    query: "Query"
    negated: bool


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True)
class Junction:
    """All of the conditions hold (`operator` and), or at least one does (or)."""

    operator: OneOf["and", "or"]
    conditions: tuple["Condition", ...]


Condition = Comparison | Membership | SemiJoin | Not | Junction


@dataclass(frozen=True)
class Count:
    """COUNT() when `path` is None, else COUNT(path), which leaves nulls out."""

    path: Path | None
    alias: str
    position: int


@dataclass(frozen=True)
class Order:
    """One column of ORDER BY."""

    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A whole query; `object_` as written, `object_position` its place in the text."""

    selected: tuple[Path | Count, ...]
    object_: str
    object_position: int
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
