"""Which records of a CRM take part at all: small conditions on mapped fields (selective sync).

Belongs here: one entry of `filter` in mapping.yaml. Not here: whether a record meets it, and what becomes of one that
does not (plan/records/filters.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import System

_TESTS = ("in", "not_in", "not_blank", "blank")


class Condition(Strict):
    """One test of one mapped field. `any_of`, `none_of` (`in`, `not_in` in YAML): values as that CRM holds them."""

    field: str
    any_of: tuple[str | bool | int | float, ...] = Field(default=(), alias="in")
    none_of: tuple[str | bool | int | float, ...] = Field(default=(), alias="not_in")
    not_blank: bool = False
    blank: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_test(cls, data: Any) -> Any:
        tests = [test for test in _TESTS if isinstance(data, dict) and data.get(test)]
        if isinstance(data, dict) and len(tests) != 1:
            raise ValueError(f"a condition needs exactly one of {', '.join(_TESTS)}, such as in: [one, two]")
        return data


class Filter(Strict):
    """Conditions a direction, all of which a record must meet. `to_salesforce`: HubSpot's records; `to_hubspot`:
    Salesforce's."""

    to_salesforce: tuple[Condition, ...] = ()
    to_hubspot: tuple[Condition, ...] = ()

    def of(self, source: System) -> tuple[Condition, ...]:
        """The conditions for records of a CRM."""
        return self.to_salesforce if source is System.HUBSPOT else self.to_hubspot

    def mistakes(self, fields: Mapping[str, FieldMapping], objects: Mapping[System, str]) -> list[tuple[Any, str]]:
        """(place under `filter`, what is wrong) of conditions that name no field of the record that they test."""
        found: list[tuple[Any, str]] = []
        for system, object_ in objects.items():
            direction = f"to_{system.other}"
            for n, condition in enumerate(self.of(system)):
                field = fields.get(condition.field)
                if field is None or not field.has(object_):
                    usable = ", ".join(name for name, one in fields.items() if one.has(object_))
                    wrong = f"no field {condition.field} is mapped for {system.label} {object_}; choose from {usable}"
                elif field.refers_to is not None:
                    wrong = f"{condition.field} refers to another record and cannot be a condition"
                elif len(field.parts) > 1 and (condition.any_of or condition.none_of):
                    wrong = f"{condition.field} has several parts: only blank and not_blank can test it"
                else:
                    continue
                found.append(((direction, n, "field"), wrong))
        return found
