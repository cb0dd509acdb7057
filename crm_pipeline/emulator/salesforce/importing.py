"""Records that come with their past, a million at a time: from a generator or from a file.

Belongs here: filling tables without checks, with every text in memory once. Not here: files (persistence.py), making
organisations up (emulator/organisation/).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.salesforce.layout import Draft, Layout, Row
from crm_pipeline.emulator.salesforce.rows import Rows
from crm_pipeline.emulator.salesforce.tables import Table
from crm_pipeline.emulator.salesforce.values import format_datetime

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

_OFTEN_AGAIN = ("combobox", "date", "datetime", "multipicklist", "picklist", "string")
_MOST_TEXTS = 200_000


def import_records(records: Records, object_: str, imported: Iterable[ImportedRecord]) -> list[str]:
    """Create records as if users had created and edited them at their times; returns their ids in order.

    Values are trusted to be in stored form; references as ids. Who has no OwnerId belongs to the administrator; the
    creator is the owner unless CreatedById is given. KeyError for a field that the object does not have.
    """
    rows, admin = records.rows, records.admin_user_id
    table, sobject = rows.tables[object_], records.schema.objects[object_]
    layout, texts = table.layout, Texts(rows, table.layout)
    number, made = rows.counters[object_], []
    for record in imported:
        draft = Draft(layout)
        draft.update(record.fields)
        number += 1
        draft["Id"] = record_id = make_id(sobject.key_prefix, number)
        owner = draft.get("OwnerId") or admin
        created = format_datetime(record.created_at)
        modified = created if record.created_at == record.modified_at else format_datetime(record.modified_at)
        draft.stamp(
            {
                "OwnerId": owner,
                "CreatedById": draft.get("CreatedById") or owner,
                "CreatedDate": created,
                "LastModifiedById": draft.get("LastModifiedById") or owner,
                "LastModifiedDate": modified,
                "SystemModstamp": modified,
            },
        )
        records.compute(draft)
        shortened = draft.shortened()
        texts.share(shortened)
        table.put(Row(layout, tuple(shortened)))
        made.append(record_id)
        rows.counters[object_] = number
    return made


class Texts:
    """Lets equal values of one object's fields be one text in memory, where values tend to come again."""

    def __init__(self, rows: Rows, layout: Layout) -> None:
        self._known: dict[str, str] = {}
        self._plan: list[Sequence[Table] | None] = [None] * len(layout.positions)
        fields = layout.sobject.fields
        for name, position in layout.positions.items():
            field = fields[name]
            if field.type == "reference":
                self._plan[position] = [rows.tables[target] for target in field.reference_to if target in rows.tables]
            elif field.type in _OFTEN_AGAIN and not field.unique and name != "Name":
                self._plan[position] = ()

    def share(self, values: list[Any]) -> None:
        """Put the known texts in place of equal ones; `values` may be a shortened row."""
        known, plan = self._known, self._plan
        for position, value in enumerate(values):
            if value is None or (targets := plan[position]) is None:
                continue
            shared = known.get(value)
            if shared is None:
                target = next((row for table in targets if (row := table.get(value)) is not None), None)
                shared = known[value] = value if target is None else target.id
            values[position] = shared
        if len(known) > _MOST_TEXTS:
            known.clear()
