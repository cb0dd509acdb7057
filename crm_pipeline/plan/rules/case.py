"""Tests of sync rules as people write them in YAML: given values, bases and times, expected writes and conflicts.

Belongs here: the shape of such a file. Not here: running the tests (run.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from crm_pipeline.config.strict import Strict
from crm_pipeline.model import Kind, Rule

Scalar = str | bool | int | float | datetime | date | None
#: What a mapped field holds: one value, the parts of a group by name, the chosen values of a multi-select, or the names
#: of the records that a set leads to.
Held = Scalar | list[Scalar] | dict[str, Scalar]
#: Mapped field -> what it holds.
Values = dict[str, Held]


def _listed(data: Any) -> Any:
    return [data] if isinstance(data, dict) else data


class Record(Strict):
    """A linked record. Short form: just its values.

    `object`: such as Contact; the first one of the mapping if it says nothing. `bases`: what it held when the fields
    were decided last. `changed`: when a value came about, as the CRM's history tells.
    """

    values: Values
    object: str | None = None
    bases: Values | None = None
    changed: dict[str, datetime | date] = Field(default_factory=dict)
    primary: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, data: Any) -> Any:
        return data if not isinstance(data, dict) or "values" in data else {"values": data}


Records = Annotated[tuple[Record, ...], BeforeValidator(_listed)]


def _both_sides(data: Any) -> Any:
    """Bases or times without a side are those of both."""
    if not isinstance(data, dict) or set(data) <= {"hubspot", "salesforce"}:
        return data
    return {"hubspot": data, "salesforce": data}


class Sides(Strict):
    """Values by side, for all of its records."""

    hubspot: Values = Field(default_factory=dict)
    salesforce: Values = Field(default_factory=dict)


class Times(Strict):
    """Times by side, for all of its records."""

    hubspot: dict[str, datetime | date] = Field(default_factory=dict)
    salesforce: dict[str, datetime | date] = Field(default_factory=dict)


class Given(Strict):
    """One golden record: the linked records of both sides, and what is remembered of the last decision.

    `agreed`: what it decided, in Salesforce's spelling; where nothing is said, what all bases say.
    """

    hubspot: Records = ()
    salesforce: Records = ()
    bases: Annotated[Sides, BeforeValidator(_both_sides)] = Sides()
    changed: Annotated[Times, BeforeValidator(_both_sides)] = Times()
    agreed: Values = Field(default_factory=dict)


Writes = Annotated[tuple[Values, ...], BeforeValidator(_listed)]


class Expected(Strict):
    """What the plan has to hold, and nothing else: the new values of each record in the order of `given`.

    `refused`: mapped field -> a part of the reason. `conflicts`: field -> kind; not looked at if it is left out.
    """

    hubspot: Writes = ()
    salesforce: Writes = ()
    refused: dict[str, str] = Field(default_factory=dict)
    conflicts: dict[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, data: Any) -> Any:
        return {} if data in (None, "nothing") else data


class Case(Strict):
    """One test. `rules`: instead of those of the mapping, for this test."""

    test: str
    kind: Kind = Kind.PERSON
    rules: dict[str, Rule] = Field(default_factory=dict)
    given: Given
    expect: Expected


class Cases(Strict):
    """A file of tests."""

    tests: Annotated[tuple[Case, ...], Field(min_length=1)]
