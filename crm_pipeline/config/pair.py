"""Which object of HubSpot is which object of Salesforce, where a kind of record has several.

Belongs here: one entry of `pairs` in mapping.yaml. Not here: the objects' switches (kind.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from crm_pipeline.config.field import FieldName
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import Value


class Pair(Strict):
    """Two objects whose records can be counterparts.

    `only`: Salesforce field -> the values of those records that are meant (an empty text: blank). A record that we
    create there gets the first one.
    """

    hubspot: str
    salesforce: str
    only: dict[FieldName, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("only", mode="before")
    @classmethod
    def _one_or_several(cls, only: Any) -> Any:
        if not isinstance(only, dict):
            return only
        return {name: (values,) if isinstance(values, str) else values for name, values in only.items()}

    @field_validator("only")
    @classmethod
    def _says_something(cls, only: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, values in only.items():
            if not values:
                raise ValueError(f"{name} needs at least one value, or no record is meant")
        return only

    def means(self, fields: Mapping[str, Value]) -> bool:
        """Whether a Salesforce record with these fields is one of those. A missing field is not: it is unknown."""
        return all(name in fields and str(fields[name] or "") in values for name, values in self.only.items())

    @property
    def on_create(self) -> dict[str, Value]:
        """What a new Salesforce record gets, so that it is one of those."""
        return {name: values[0] for name, values in self.only.items() if values[0]}
