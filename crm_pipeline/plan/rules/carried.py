"""What a test of the sync rules says of the last decision: the bases of each record, and what was agreed.

Pure. Belongs here: bases and agreed values of a case. Not here: the records themselves (run.py), the shape of the file
(case.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crm_pipeline.canonical import canonical
from crm_pipeline.config import FieldMapping, Settings
from crm_pipeline.model import System
from crm_pipeline.plan.member import Agreed, Base, field_hash
from crm_pipeline.plan.rules import references
from crm_pipeline.plan.rules.case import Case, Record, Values
from crm_pipeline.plan.rules.values import BadCaseError, parts

_Place = tuple[str | int, ...]
#: Values of one side, and where in the test's YAML they stand.
_Told = tuple[System, Values, _Place]


def records_of(case: Case, side: System) -> Sequence[Record]:
    """The records of a side, in the order of the test."""
    records: Sequence[Record] = getattr(case.given, side.value)
    return records


def bases_of(case: Case, side: System, record: Record) -> Values:
    """The bases of a record: its own, else those of its side."""
    bases: Values = getattr(case.given.bases, side.value) if record.bases is None else record.bases
    return bases


def bases(case: Case, fields: Iterable[FieldMapping], side: System, object_: str, held: Values) -> dict[str, Base]:
    """By mapped field, and of a set by field and record. `held`: the bases of the record. Raises BadCaseError."""
    found: dict[str, Base] = {}
    loc = _place(side)
    for field in (field for field in fields if field.name in held):
        if field.refers_to is None:
            found[field.name] = Base(parts(field, side, held, loc))
        else:
            found |= references.bases(field, object_, held, _led_to(field, _told_bases(case, field)), loc)
    return found


def agreed(case: Case, fields: Iterable[FieldMapping], settings: Settings) -> dict[str, Agreed]:
    """What was agreed: as the test says, else what all bases say. Raises BadCaseError where they differ."""
    found: dict[str, Agreed] = {}
    for field in fields:
        told = _told_bases(case, field)
        based = _led_to(field, told) if field.many else set()
        if field.name in case.given.agreed:
            told = [(System.SALESFORCE, case.given.agreed, ("given", "agreed"))]
        for name, values in _values(field, told, based, settings).items():
            if len(values) > 1:
                raise BadCaseError(
                    f"the bases of {field.name} differ; write under agreed what the last decision decided", ("given",)
                )
            for value in values:
                found[name] = Agreed(value, field_hash(field, settings))
    return found


def _values(
    field: FieldMapping, told: Sequence[_Told], based: set[str], settings: Settings
) -> dict[str, set[tuple[str, ...]]]:
    """By field, and of a set by field and record: the different values that are told, as they are compared."""
    if field.refers_to is None:
        return {field.name: {_canonical(field, *one, settings) for one in told}}
    named = [references.named(field, values, loc) for _, values, loc in told]
    if not field.many:
        return {field.name: {(names[0] if names else "",) for names in named}}
    every = based.union(*named)
    return {f"{field.name}/{one}": {(one if one in names else "",) for names in named} for one in every}


def _canonical(field: FieldMapping, side: System, values: Values, loc: _Place, settings: Settings) -> tuple[str, ...]:
    raw = parts(field, side, values, loc)
    users = {(side, str(one)): str(one).lower() for one in raw}
    return canonical(field, side, raw, region=settings.phone_region, users=users, zone=settings.zone)


def _told_bases(case: Case, field: FieldMapping) -> list[_Told]:
    """The bases of all records that say something of a field."""
    found = [(side, bases_of(case, side, record), _place(side)) for side in System for record in records_of(case, side)]
    return [one for one in found if field.name in one[1]]


def _led_to(field: FieldMapping, told: Iterable[_Told]) -> set[str]:
    return {name for _, values, loc in told for name in references.named(field, values, loc)}


def _place(side: System) -> _Place:
    return ("given", "bases", side.value)
