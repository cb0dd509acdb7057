"""A record as it is put into an emulated CRM with its past, for organisations of a million records.

Belongs here: the shape of what both stores import. Not here: making such records up (organisation/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """One record in stored form: what the API would answer, without ids and time stamps.

    `fields` holds the present values (references by id, blanks left out); `before` the fields that were changed at
    `modified_at`, with the values they had until then (None: blank). It is empty when the record was never edited, and
    then both times are equal. Times have a time zone.
    """

    fields: Mapping[str, Any]
    created_at: datetime
    modified_at: datetime
    before: Mapping[str, Any] = field(default_factory=dict)
