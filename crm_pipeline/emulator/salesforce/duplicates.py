"""Duplicate rules: records that look like others are refused, or only with the caller's consent.

Belongs here: the rules, which records match, the platform's error. Not here: unique fields (records.py).

Sources: facts 3.9 (`allowSave` passes alert rules only; create, update, upsert); bodies as seen in public reports: a
single call says `duplicateResut` (so misspelt), a collection `duplicateResult`. Choices: the fields are compared
exactly but for letter case, all of them must have a value, an update is checked when it changes one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.saving import Saving

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

Action = Literal["alert", "block"]


@dataclass(frozen=True)
class DuplicateRule:
    """A new or changed record of `object_` is compared with all of `against` in `fields`, which both objects have."""

    name: str
    object_: str
    against: str
    fields: tuple[str, ...]
    action: Action
    message: str

    def dump(self) -> dict[str, Any]:
        """The rule as JSON values."""
        return {**asdict(self), "fields": list(self.fields)}


class DuplicatesError(ApiError):
    """DUPLICATES_DETECTED with the records that were found."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__("DUPLICATES_DETECTED", message, [])
        self.result = result

    def body(self) -> list[dict[str, Any]]:
        """The answer of a single call."""
        return [{"duplicateResut": self.result, "errorCode": self.code, "message": self.message}]

    def record_error(self) -> dict[str, Any]:
        """The error of one record of a collection."""
        return {**super().record_error(), "duplicateResult": self.result}


def check(store: Records, rules: Sequence[DuplicateRule], before: Row | None, after: Row, saving: Saving) -> None:
    """Raise DuplicatesError when a rule finds other records like `after`; `before` is None for a new record."""
    object_ = after.layout.sobject.name
    for rule in rules:
        if rule.object_ != object_ or (rule.action == "alert" and saving.allow_duplicates):
            continue
        if before is not None and all(before[name] == after[name] for name in rule.fields):
            continue
        found = list(_matching(store, rule, after))
        if found:
            raise DuplicatesError(rule.message, _result(rule, found, saving))


def _matching(store: Records, rule: DuplicateRule, row: Row) -> Iterator[Row]:
    wanted = [_comparable(row[name]) for name in rule.fields]
    if None in wanted:
        return
    sobject = store.schema.objects[rule.against]
    key = next((sobject.fields[name] for name in rule.fields if sobject.fields[name].id_lookup), None)
    table = store.rows.tables[rule.against]
    for other in store.rows.matching(sobject, key, row[key.name]) if key is not None else table.live():
        if other["Id"] != row["Id"] and [_comparable(other[name]) for name in rule.fields] == wanted:
            yield other


def _comparable(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _result(rule: DuplicateRule, found: Sequence[Row], saving: Saving) -> dict[str, Any]:
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": _record(rule, row, saving),
        }
        for row in found
    ]
    matched = {
        "entityType": rule.against,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": f"{rule.name}_Match",
        "size": len(records),
        "success": True,
    }
    return {
        "allowSave": rule.action == "alert",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object_,
        "errorMessage": rule.message,
        "matchResults": [matched],
    }


def _record(rule: DuplicateRule, row: Row, saving: Saving) -> dict[str, Any]:
    url = f"{saving.root}/sobjects/{rule.against}/{row['Id']}"
    shown = {"attributes": {"type": rule.against, "url": url}, "Id": row["Id"]}
    if not saving.with_details:
        return shown
    return shown | {field.name: row[field.name] for field in row.layout.sobject.visible() if field.type != "id"}
