"""Values in tests of the sync rules: from YAML to what a CRM would give, and to words.

Belongs here: one value of one field. Not here: records (run.py), the shape of the file (case.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from crm_pipeline.config import FieldMapping
from crm_pipeline.model import System, Value
from crm_pipeline.plan.rules.case import Held, Scalar, Values


class BadCaseError(Exception):
    """A test that cannot be run; the text says why. `loc`: where in the test's YAML."""

    def __init__(self, message: str, loc: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.loc = loc


def parts(field: FieldMapping, side: System, values: Values, loc: tuple[str | int, ...]) -> tuple[Value, ...]:
    """A value of the test as the CRM would give it, part by part; what is not named is blank."""
    held: Held = values.get(field.name)
    if not isinstance(held, dict):
        if len(field.parts) > 1 and held is not None:
            names = ", ".join(part.name for part in field.parts)
            raise BadCaseError(f"'{field.name}' is a group; write its parts: {names}", (*loc, field.name))
        return tuple(_raw(held, side) for _ in field.parts)
    unknown = held.keys() - {part.name for part in field.parts}
    if unknown or len(field.parts) == 1:
        raise BadCaseError(f"'{field.name}' has no part {', '.join(sorted(unknown or held))}", (*loc, field.name))
    return tuple(_raw(held.get(part.name), side) for part in field.parts)


def _raw(held: Scalar | list[Scalar], side: System) -> Value:
    if isinstance(held, list):
        return ";".join(str(one) for one in held)
    if isinstance(held, datetime):
        return at_time(held).astimezone(UTC).isoformat()
    if isinstance(held, date):
        return held.isoformat()
    if side is System.SALESFORCE or held is None or isinstance(held, str):
        return held
    return _text(held)


def at_time(at: date) -> datetime:
    """A date as its beginning in UTC; a time without a zone is in UTC."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def spelled(values: Sequence[Value] | None) -> tuple[str, ...] | None:
    """Values as texts: 5 and 5.0 are one number, nothing and an empty text one blank."""
    return None if values is None else tuple(_text(value) for value in values)


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format(Decimal(str(value)).normalize(), "f") if isinstance(value, int | float) else value


def shown(values: Sequence[Value] | None) -> str:
    """Values in words."""
    if values is None:
        return "(no write)"
    return " ".join(filter(None, map(_text, values))) or "(blank)"
