"""When a field's value came about, from the CRM's own history (spec sync-rules.md, Changed at)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from crm_pipeline.canonical import canonical
from crm_pipeline.config import FieldMapping, KindMapping
from crm_pipeline.model import System, Value, Version

#: Whether two values of the named CRM field are the same value, spelled differently or not.
Same = Callable[[str, Value, Value], bool]


def comparison(kinds: Sequence[KindMapping], system: System, object_: str, region: str, zone: tzinfo = UTC) -> Same:
    """K-equality of an object's fields. A field that is read for matching only equals byte for byte."""
    mapped: Mapping[str, FieldMapping] = {
        name: field for kind in kinds for field in kind.fields if field.has(object_) for name in field.names(object_)
    }

    def same(name: str, left: Value, right: Value) -> bool:
        if left == right or name not in mapped:
            return left == right
        field = mapped[name]
        one, two = (canonical(field, system, (value,), region=region, zone=zone) for value in (left, right))
        return one == two

    return same


def since(name: str, value: Value, versions: Sequence[Version], same: Same) -> datetime | None:
    """The start of the trailing run of versions (newest first) that equal `value`; None if the newest one does not."""
    start = None
    for version in versions:
        if not same(name, version.value, value):
            break
        start = version.at
    return start


def entry(at: datetime) -> dict[str, str | bool]:
    """An entry of the `changed` column for a time that the CRM's history vouches for."""
    text = iso(at)
    return {"at": text, "after": text, "certain": True}


def iso(at: datetime) -> str:
    """A time as every JSON column of the warehouse spells it: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
