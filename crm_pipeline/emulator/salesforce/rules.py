"""Validation rules: an administrator's conditions under which a record is refused.

Belongs here: the rules and their error. Not here: what Salesforce itself refuses (validation.py, completion.py). A
condition is a list of (field, operator, value), all of which must hold for the record to be refused, so that it can be
saved with the organisation; or a function of the record, which cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row

Clause = tuple[str, str, Any]
Condition = Sequence[Clause] | Callable[[Row], bool]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, other: bool(value == other),
    "!=": lambda value, other: bool(value != other),
    "<": lambda value, other: value is not None and bool(value < other),
    ">": lambda value, other: value is not None and bool(value > other),
    "blank": lambda value, other: (value is None) is bool(other),
    "matches": lambda value, other: value is not None and re.search(other, str(value)) is not None,
}
"""By name; `blank` compares with True or False, `matches` with a regular expression."""


@dataclass(frozen=True)
class ValidationRule:
    """Refuses records of `object_` for which `condition` holds; the message stands at `field`, or at the top."""

    object_: str
    condition: Condition
    message: str
    field: str | None = None

    def __post_init__(self) -> None:
        for _, operator, _ in () if callable(self.condition) else self.condition:
            if operator not in _OPERATORS:
                raise ValueError(f"{operator} is no operator of a validation rule; there are {', '.join(_OPERATORS)}.")

    def refuses(self, row: Row) -> bool:
        """Whether the record may not be saved."""
        if callable(self.condition):
            return self.condition(row)
        return all(_OPERATORS[operator](row[name], value) for name, operator, value in self.condition)

    def dump(self) -> dict[str, Any]:
        """The rule as JSON values. ValueError for a condition that is a function."""
        if callable(self.condition):
            raise ValueError(f"A validation rule of {self.object_} is a function, which cannot be saved.")
        condition = [list(clause) for clause in self.condition]
        return {"object_": self.object_, "condition": condition, "message": self.message, "field": self.field}


def check(rules: Sequence[ValidationRule], row: Row) -> None:
    """Raise FIELD_CUSTOM_VALIDATION_EXCEPTION for the first rule that refuses the record."""
    object_ = row.layout.sobject.name
    for rule in rules:
        if rule.object_ == object_ and rule.refuses(row):
            raise ApiError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [] if rule.field is None else [rule.field]
            )
