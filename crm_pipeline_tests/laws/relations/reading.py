"""What an extract and a match would leave in the database of families: rows of raw.* and match.cluster.

Belongs here: writing them. Not here: the columns of records (laws/machine/raw_rows.py), the night (nights.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_pipeline.config import Settings
from crm_pipeline.model import MATCHED, System
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.raw_rows import ReadBefore, tombstone_row
from crm_pipeline_tests.laws.relations.crm import FamilyCrm
from crm_pipeline_tests.laws.relations.family import Family
from crm_pipeline_tests.laws.relations.ground import OWNERS, REFERENCES, S, relations, schema_rows
from crm_pipeline_tests.laws.relations.model import one


@dataclass
class Reading:
    """`keys`: the records that were read at least once."""

    settings: Settings
    tracked: bool
    crms: Mapping[System, FamilyCrm]
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.before = ReadBefore(self.tracked)

    def set_up(self, connection: Connection) -> None:
        insert(connection, "raw.schema_field", [*schema_rows(self.settings)])
        users = [
            {"system": system, "user_id": user, "e_mail": f"u{place}@aaa.jp", "name": "u", "active": True}
            for system, ids in OWNERS.items()
            for place, user in enumerate(ids)
        ]
        insert(connection, "raw.user", users)

    def read(self, connection: Connection, families: Sequence[Family], night: int) -> None:
        """What an extract would leave in raw.*, and which records are one company or one person."""
        rows: dict[str, list[dict[str, Any]]] = {
            f"raw.{system}_{object_.lower()}": [] for system, object_ in self.settings.mapping.objects
        }
        clusters: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        tombstones = []
        for family in families:
            for thing in family.things:
                for system, record in thing.records if thing.into is None else ():
                    key = family.key(system, record)
                    if record.retired:
                        tombstones.append(tombstone_row(system, _last(self.crms[system], record)))
                    if key not in self.before.fields and record.retired:
                        continue  # came and went between two nights
                    if not record.retired:
                        family.known.add(key)
                        self.keys.add(key)
                    found = one(thing)
                    assert found
                    if found.kind in MATCHED:
                        clusters[found.kind, family.number, found.number].append(key)
                    row = self.before.row(system, key, record, night)
                    row["fields"] = _seen(family, key, record.object, record.fields)
                    rows[f"raw.{system}_{record.object.lower()}"].append(row)
        for table, found_rows in rows.items():
            connection.execute(f"delete from {table}")
            insert(connection, table, found_rows)
        connection.execute("delete from match.cluster; delete from raw.tombstone; delete from raw.association")
        insert(connection, "raw.tombstone", tombstones)
        insert(
            connection,
            "match.cluster",
            [
                {"kind": kind, "record_key": key, "cluster": min(keys)}
                for (kind, _, _), keys in clusters.items()
                for key in keys
            ],
        )
        insert(connection, "raw.association", [row for crm in self.crms.values() for row in _ties(crm)])
        connection.execute("delete from raw.watermark")
        marks = [
            {
                "system": system,
                "object": name,
                "read_until": self.crms[system].clock(),
                "fields_hash": "",
                "run_id": night,
            }
            for system, name in (*self.settings.mapping.objects, *relations())
        ]
        insert(connection, "raw.watermark", marks)
        self.before.at = self.crms[S].clock()


def _last(crm: FamilyCrm, gone: Kept) -> Kept:
    """A record that is gone with what it became in the end, as retirement in extract tells it."""
    last = gone
    while last.survivor and (after := crm.kept[last.survivor]).survivor:
        last = after
    return replace(gone, survivor=last.survivor)


def _seen(family: Family, key: str, object_: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record, without those that are not read tonight."""
    hidden = {r.names[object_] for r in REFERENCES if object_ in r.names and (key, r.name) in family.hidden}
    return {name: value for name, value in fields.items() if name not in hidden}


def _ties(crm: FamilyCrm) -> list[dict[str, Any]]:
    return [
        {
            "system": crm.system,
            "from_object": one.from_object,
            "from_id": one.from_id,
            "to_object": one.to_object,
            "to_id": one.to_id,
            "is_primary": one.primary,
            "label": "",
        }
        for one in crm.related()
    ]
