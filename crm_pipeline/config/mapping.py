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
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import LINKED, MATCHED, OBJECTS, OTHER_OBJECTS, Kind, System

#: System -> object -> fields, of the objects that are read and not written.
Read = dict[System, dict[str, tuple[FieldName, ...]]]


class Mapping(Strict):
    """The whole mapping. `source` is the file it came from, `lines` where in it each field stands (`person.phone`);
    they, `read` and what is off have no part in the hash.

    A kind that is linked, never matched, may be left out; it is then as if it were off in both directions.
    """

    person: KindMapping
    company: KindMapping
    deal: KindMapping | None = None
    ticket: KindMapping | None = None
    task: KindMapping | None = None
    activity: KindMapping | None = None
    read: Read = Field(default_factory=dict, exclude=True)
    source: str = Field(exclude=True)
    lines: dict[str, int] = Field(default_factory=dict, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: {"kind": key, **value} if key in list(Kind) and isinstance(value, dict) else value
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

    def place(self, kind: Kind, field: str) -> str:
        """File and line of a field."""
        line = self.lines.get(f"{kind}.{field}")
        return f"{self.source} line {line}" if line else self.source

    def of(self, kind: Kind) -> KindMapping:
        """The mapping of a kind, off or not (`kinds`: those that are synced). Raises ConfigError if there is none."""
        mapping: KindMapping | None = getattr(self, kind)
        if mapping is None:
            raise ConfigError(f"{self.source} says nothing about the kind {kind}; add the section {kind}")
        return mapping

    @property
    def kinds(self) -> tuple[KindMapping, ...]:
        """What is synced, parents before children: what is matched, then what is linked and not off."""
        linked = (getattr(self, kind) for kind in LINKED)
        return (*(getattr(self, kind) for kind in MATCHED), *(one for one in linked if one and not one.is_off))

    @property
    def linked(self) -> tuple[KindMapping, ...]:
        """Of what is synced, the kinds that are linked by id."""
        return tuple(one for one in self.kinds if one.kind in LINKED)

    @property
    def objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects that are synced, companies first: parents before children."""
        return tuple(dict.fromkeys(of for kind in self.kinds for of in kind.objects))

    @property
    def read_objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects that are read: the mapped ones, then those of `read`."""
        more = ((system, object_) for system, fields in self.read.items() for object_ in fields)
        return tuple(dict.fromkeys((*self.objects, *more)))

    def kinds_of(self, object_: str) -> tuple[KindMapping, ...]:
        """What the records of an object can be; none for one that is read only."""
        return tuple(kind for kind in self.kinds if any(object_ == o for _, o in kind.objects))

    def kind_of(self, object_: str) -> KindMapping:
        """What the records of an object are; of an object with two kinds the first, with the same key."""
        return next(iter(self.kinds_of(object_)), self.person)

    def of_golden(self, golden_id: str) -> KindMapping:
        """The mapping behind a golden record: `deal-7` is a deal."""
        return self.of(Kind(golden_id.rpartition("-")[0]))

    def fields_read(self, system: System, object_: str) -> tuple[str, ...]:
        """The fields that are read of an object, each once: the mapped ones, then those under `read`."""
        mapped = (name for kind in self.kinds_of(object_) for name in kind.crm_fields(object_))
        return tuple(dict.fromkeys((*mapped, *self.read.get(system, {}).get(object_, ()))))

    def fields_if_there(self, object_: str) -> tuple[str, ...]:
        """Fields that are read as well where the CRM has them: ids that other software left."""
        return tuple(name for kind in self.kinds_of(object_) if (name := kind.link_field(object_)))

    def own_fields(self, object_: str) -> list[str]:
        """The CRM's own fields of an object that are mapped, without paths over a relation."""
        names = (name for kind in self.kinds_of(object_) for name in kind.crm_fields(object_))
        return [name for name in dict.fromkeys(names) if "." not in name]

    @property
    def hash(self) -> str:
        """Changes when, and only when, something that decides a write changes."""
        text = self.model_dump_json(include={str(one.kind) for one in self.kinds})
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _objects_are_told_apart(self) -> Mapping:
        """An object with records of two kinds needs to say which is which, and has one key."""
        for _, object_ in self.objects:
            sharing = self.kinds_of(object_)
            if len(sharing) > 1 and not all(
                pair.only for kind in sharing for pair in kind.counterparts if object_ == pair.salesforce
            ):
                raise ValueError(
                    f"{object_} is mapped for {' and '.join(kind.kind for kind in sharing)}: say with pairs and only "
                    "which records are meant"
                )
            if len({kind.key for kind in sharing}) > 1:
                raise ValueError(f"{object_} is mapped for several kinds: they need the same key")
        return self


def _mistake(system: System, object_: str, fields: Sequence[str]) -> str:
    """What is wrong with an object under `read`; empty if nothing is."""
    if (system, object_) in OBJECTS:
        return "it is read already, with the fields of its mapping; take it away here"
    if (system, object_) not in OTHER_OBJECTS:
        known = ", ".join(one for at, one in OTHER_OBJECTS if at is system)
        return f"{system.label} has no such object to be read only; choose from {known}"
    twice = [name for name, number in Counter(fields).items() if number > 1]
    return f"{', '.join(twice)}: named twice; once is enough" if twice else ""
