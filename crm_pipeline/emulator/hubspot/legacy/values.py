"""Property values as v1 and v2 write them: every property with its versions, times and dates in milliseconds.

Belongs here: what companies, deals and contacts share. Not here: the keys around a version, which differ.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from crm_pipeline.emulator.hubspot.call import Call
from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.object_types import object_type
from crm_pipeline.emulator.hubspot.records import Record


class OldVersion(NamedTuple):
    """A version of a property: `timestamp` in ms; who wrote it."""

    value: str
    timestamp: int
    source: str
    source_id: str
    user_id: int | None


def old_versions(
    call: Call, record: Record, object_: str, wanted: Collection[str] | None
) -> dict[str, list[OldVersion]]:
    """The versions of the set properties of a record, newest first; `wanted` None: of all."""
    definitions, values = call.store.definitions[object_], record.properties
    names = [name for name in values if name in definitions and (wanted is None or name in wanted)]
    histories = record.history(names, object_type(object_))
    return {
        name: [
            OldVersion(
                _in_ms(one["value"], definitions[name]["type"]),
                epoch_ms(one["timestamp"]),
                one["sourceType"],
                one["sourceId"],
                one.get("updatedByUserId"),
            )
            for one in histories[name]
        ]
        for name in names
        if histories[name]
    }


def _in_ms(value: str, type_: str) -> str:
    if not value or type_ not in ("date", "datetime"):
        return value
    return str(epoch_ms(value if type_ == "datetime" else f"{value}T00:00:00+00:00"))
