"""Pages of a CRM, kept in a file while the CRM is being read, because no database lock is held during a call.

Belongs here: records and tombstones as lines of JSON, and which records cannot be kept. Not here: loading them. The
fields travel as text inside the line, so that they are stored byte for byte as they were dumped here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from crm_pipeline.crm.protocol import Tombstone
from crm_pipeline.extract.changed_at import Same, entry, iso, since
from crm_pipeline.model import SourceRecord


class UnusableRecordError(ValueError):
    """A record that the warehouse cannot hold; the text says why, without a value."""


@dataclass
class Spool:
    """Files of one object in a temporary folder. `quarantined`: (record id, reason) of records left out."""

    folder: Path
    read: int = 0
    tombstones: int = 0
    quarantined: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records_path(self) -> Path:
        return self.folder / "records.ndjson"

    @property
    def tombstones_path(self) -> Path:
        return self.folder / "tombstones.ndjson"

    def add_records(self, pages: Iterable[Iterable[SourceRecord]], same: Same) -> None:
        """Write all records, in the order they came; the unusable ones are set apart."""
        with self.records_path.open("a", encoding="utf-8") as file:
            for page in pages:
                for record in page:
                    self.read += 1
                    try:
                        file.write(record_line(record, self.read, same))
                    except UnusableRecordError as error:
                        self.quarantined.append((_readable(record.record_id), str(error)))

    def add_tombstones(self, pages: Iterable[list[Tombstone]]) -> None:
        with self.tombstones_path.open("a", encoding="utf-8") as file:
            for page in pages:
                for tombstone in page:
                    self.tombstones += 1
                    file.write(tombstone_line(tombstone))


def record_line(record: SourceRecord, seq: int, same: Same) -> str:
    """One line of NDJSON. Raises UnusableRecordError for text that is not Unicode and numbers that are none."""
    if not record.record_id:
        raise UnusableRecordError("it has no id")
    known = {
        name: entry(at)
        for name, versions in record.history.items()
        if name in record.fields and (at := since(name, record.fields[name], versions, same))
    }
    line = {
        "seq": seq,
        "record_id": record.record_id,
        "created_at": iso(record.created_at),
        "modified_at": iso(record.modified_at),
        "modified_by": record.modified_by,
        "fields": _dumped(record.fields),
        "known": _dumped(known),
    }
    text = json.dumps(line, ensure_ascii=False) + "\n"
    if not _is_unicode(text):
        names = [n for n, v in record.fields.items() if isinstance(v, str) and not _is_unicode(v)]
        where = f"the field {', '.join(names)}" if names else "the id or a name"
        raise UnusableRecordError(f"{where} holds half of a surrogate pair, which is not text; correct it in the CRM")
    return text


def tombstone_line(tombstone: Tombstone) -> str:
    line = {
        "record_id": tombstone.record_id,
        "reason": tombstone.reason,
        "gone_at": iso(tombstone.at) if tombstone.at else None,
        "survivor_object": tombstone.survivor_object or None,
        "survivor_id": tombstone.survivor_id or None,
    }
    return json.dumps(line) + "\n"


def _dumped(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    except ValueError:
        raise UnusableRecordError("a number in it is not finite; correct it in the CRM") from None


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _readable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
