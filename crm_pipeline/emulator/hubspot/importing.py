"""Putting very many records with their past into a portal at once.

Belongs here: how an imported record becomes a record at rest. Not here: making records up, associations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_pipeline.emulator.collecting import without_collections
from crm_pipeline.emulator.hubspot.formats import iso
from crm_pipeline.emulator.hubspot.object_rules import computed, creation
from crm_pipeline.emulator.hubspot.pipelines import Pipelines
from crm_pipeline.emulator.hubspot.records import Properties, Record, Source, edited_past
from crm_pipeline.emulator.hubspot.tables import Table
from crm_pipeline.emulator.imported import ImportedRecord


def import_records(table: Table, pipelines: Pipelines, given: Iterable[ImportedRecord], source: Source) -> list[str]:
    """Add records that `source` created and edited, in the order given; their ids.

    HubSpot's own properties (times, who created the record, computed ones) are filled in where they are not given.
    """
    kind = table.kind
    created, modified, origin = kind.created_property, kind.modified_property, creation(source)

    def records() -> Iterator[tuple[Record, Properties]]:
        for one in given:
            properties = {name: value for name, value in one.fields.items() if value}
            at = iso(one.created_at)
            edited_at = at if one.modified_at == one.created_at else iso(one.modified_at)
            past = b""
            if one.before:
                before = {name: value or "" for name, value in one.before.items()}
                first = {name: value for name, value in {**properties, **before}.items() if value}
                results = computed(kind, pipelines, {}, first, at)
                edited = {name: properties.get(name, "") for name in before}
                later = computed(kind, pipelines, {**first, **results, created: at}, edited, edited_at)
                past = edited_past(edited_at, source, {**{name: results.get(name, "") for name in later}, **before})
                results = {name: value for name, value in {**results, **later}.items() if value}
            else:
                results = computed(kind, pipelines, {}, properties, at)
            properties = {**origin, **results, **properties, created: at, "hs_createdate": at}
            properties[modified] = edited_at
            yield Record(table.new_number(), properties, source, past), properties

    with without_collections():
        return [str(number) for number in table.insert_all(records())]
