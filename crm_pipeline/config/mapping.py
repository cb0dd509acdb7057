"""Which field of HubSpot is which field of Salesforce, by which rule, and what else is read: mapping.yaml as a whole.

Belongs here: what the kinds have in common, and the objects that are read only. Not here: a kind (kind.py), a field
(field.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails

from crm_pipeline.config.field import FieldName
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, Kind, System

#: System -> object -> fields, of the objects that are read and not written.
Read = dict[System, dict[str, tuple[FieldName, ...]]]


class Mapping(Strict):
    """The whole mapping. `source` is the file it came from; it and `read` have no part in the hash."""

    person: KindMapping
    company: KindMapping
    read: Read = Field(default_factory=dict, exclude=True)
    source: str = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: {"kind": key, **value} if key in ("person", "company") and isinstance(value, dict) else value
                for key, value in data.items()
            }
        return data

    @field_validator("read")
    @classmethod
    def _reads_what_there_is(cls, read: Read) -> Read:
        mistakes = [
            InitErrorDetails(
                type="value_error", loc=(system, object_), input=object_, ctx={"error": ValueError(mistake)}
            )
            for system, objects in read.items()
            for object_, fields in objects.items()
            if (mistake := _mistake(system, object_, fields))
        ]
        if mistakes:
            raise ValidationError.from_exception_data("read", mistakes)
        return read

    def of(self, kind: Kind) -> KindMapping:
        return self.person if kind is Kind.PERSON else self.company

    @property
    def objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects, companies first: parents before children."""
        return (*self.company.objects, *self.person.objects)

    @property
    def read_objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects that are read: the mapped ones, then those of `read`."""
        return (*self.objects, *((system, object_) for system, fields in self.read.items() for object_ in fields))

    def kind_of(self, object_: str) -> KindMapping:
        return self.company if any(object_ == o for _, o in self.company.objects) else self.person

    def own_fields(self, object_: str) -> list[str]:
        """The CRM's own fields of an object that are mapped, without paths over a relation."""
        return [name for name in self.kind_of(object_).crm_fields(object_) if "." not in name]

    @property
    def hash(self) -> str:
        """Changes when, and only when, something that decides a write changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def _mistake(system: System, object_: str, fields: Sequence[str]) -> str:
    """What is wrong with an object under `read`; empty if nothing is."""
    if (system, object_) in OBJECTS:
        return "it is read already, with the fields of its mapping; take it away here"
    if (system, object_) not in OTHER_OBJECTS:
        known = ", ".join(one for at, one in OTHER_OBJECTS if at is system)
        return f"{system.label} has no such object to be read only; choose from {known}"
    twice = [name for name, number in Counter(fields).items() if number > 1]
    return f"{', '.join(twice)}: named twice; once is enough" if twice else ""
