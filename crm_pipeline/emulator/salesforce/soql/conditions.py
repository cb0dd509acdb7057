"""Turns conditions into functions over rows, or over groups of rows for HAVING.

Belongs here: how conditions are joined, which fields they may be about, semi-joins. Not here: tests of a single value
(comparisons.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.soql.comparisons import Test, Tests, family, operator_error
from crm_pipeline.emulator.salesforce.soql.fields import Resolved
from crm_pipeline.emulator.salesforce.soql.functions import is_id
from crm_pipeline.emulator.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Inclusion,
    Junction,
    Membership,
    Not,
    Operand,
    SemiJoin,
    semi_joins,
)
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

Predicate = Callable[[Any], bool]

_MOST_SEMI_JOINS = 2


@dataclass(frozen=True)
class Compiler:
    """Compiles the conditions of one query.

    `resolve` finds what an operand means; `select_ids` runs the query of a semi-join for what it is compared with.
    """

    tests: Tests
    resolve: Callable[[Operand], Resolved]
    select_ids: Callable[[SemiJoin, Resolved], frozenset[Any]]

    def compile(self, condition: Condition) -> Predicate:
        """The predicate of a condition. Raises SoqlError."""
        if sum(1 for _ in semi_joins(condition)) > _MOST_SEMI_JOINS:
            raise malformed(f"Maximum {_MOST_SEMI_JOINS} semi join sub-selects are allowed", None)
        return self._compile(condition)

    def _compile(self, condition: Condition) -> Predicate:
        match condition:
            case Junction(operator, conditions):
                return self._junction(operator, conditions)
            case Not(negated_condition):
                predicate = self._compile(negated_condition)
                return lambda row: not predicate(row)
            case Comparison():
                resolved = self._filterable(condition.path)
                return _on_field(resolved, self.tests.comparison(resolved.field, condition))
            case Membership():
                resolved = self._filterable(condition.path)
                return _on_field(resolved, self.tests.membership(resolved.field, condition))
            case Inclusion():
                resolved = self._filterable(condition.path)
                return _on_field(resolved, self.tests.inclusion(resolved.field, condition))
            case SemiJoin(path, _, negated):
                resolved = self._filterable(path)
                if not is_id(resolved.field):
                    raise operator_error("semi join sub-selects need an id field", path.position)
                selected = self.select_ids(condition, resolved)
                return _on_field(resolved, lambda value: (value in selected) is not negated)

    def _junction(self, operator: str, conditions: tuple[Condition, ...]) -> Predicate:
        if operator == "or" and any(True for part in conditions for _ in semi_joins(part)):
            raise malformed("Semi join sub-selects are not allowed with the 'OR' operator", None)
        predicates = [self._compile(part) for part in conditions]
        return _every(predicates) if operator == "and" else _any(predicates)

    def _filterable(self, operand: Operand) -> Resolved:
        resolved = self.resolve(operand)
        if not resolved.field.filterable or family(resolved.field) == "none":
            message = f"field '{resolved.field.name}' can not be filtered in a query call"
            raise SoqlError("INVALID_FIELD", message, operand.position)
        return resolved


def _on_field(resolved: Resolved, test: Test) -> Predicate:
    get = resolved.get
    return lambda row: test(get(row))


def _every(predicates: list[Predicate]) -> Predicate:
    def holds(row: Any) -> bool:
        for predicate in predicates:  # half the time of all(): a scan asks a million times  # noqa: SIM110
            if not predicate(row):
                return False
        return True

    return holds


def _any(predicates: list[Predicate]) -> Predicate:
    def holds(row: Any) -> bool:
        for predicate in predicates:  # noqa: SIM110
            if predicate(row):
                return True
        return False

    return holds
