"""What sending a plan is going to cost in API calls: the batches that a push would make, counted.

Not here: what a call carries (crm/*/cost.py), what a push made in the end (`Crm.calls`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from crm_pipeline.config.relation import is_relation, leads_to
from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.cost import Costs
from crm_pipeline.crm.hubspot import cost as hubspot
from crm_pipeline.crm.salesforce import cost as salesforce
from crm_pipeline.model import System, split_record_key
from crm_pipeline.push.batches import Batch, batches
from crm_pipeline.push.before.newcomers import looked_at
from crm_pipeline.push.operation import grouped, unsent
from crm_pipeline.warehouse import Connection

_COSTS: Mapping[System, Costs] = {System.HUBSPOT: hubspot, System.SALESFORCE: salesforce}


def forecast(connection: Connection, settings: Settings, plan_id: int) -> dict[System, int]:
    """Calls by CRM; none for a plan that was sent. Records that moved and refused ones change it a little."""
    calls: defaultdict[System, int] = defaultdict(int)
    objects: defaultdict[System, set[str]] = defaultdict(set)
    looked: set[tuple[System, str]] = set()
    by_job = {System.HUBSPOT: False, System.SALESFORCE: True}
    groups = grouped(unsent(connection, plan_id))
    for batch in batches(groups, settings.salesforce.bulk_from, lambda g: by_job[g.first.system]):
        first, number = batch.groups[0].first, len(batch.groups)
        costs = _COSTS[first.system]
        calls[first.system] += costs.of_named(number) + costs.of_writes(number, by_job=batch.bulk)
        objects[first.system].add(first.object)
        for (system, object_), ids in _sources(batch).items():
            calls[system] += _COSTS[system].of_named(len(ids))
            objects[system].add(object_)
        for (system, object_, name), ids in _led_from(batch).items():
            calls[system] += _COSTS[system].of_relations({(object_, leads_to(name)): len(ids)})
        for system, object_ in looked_at(settings.mapping, batch.groups) - looked:
            calls[system] += _COSTS[system].of_look()
            objects[system].add(object_)
            looked.add((system, object_))
    return {
        system: calls[system] + _COSTS[system].of_push(len(objects[system])) for system in System if objects[system]
    }


def _sources(batch: Batch) -> Mapping[tuple[System, str], set[str]]:
    """By object, the records whose values a batch writes: each is read again."""
    found: defaultdict[tuple[System, str], set[str]] = defaultdict(set)
    for key in (op.source_key for group in batch.groups for op in group.ops if op.source_key):
        system, object_, record_id = split_record_key(key)
        found[system, object_].add(record_id)
    return found


def _led_from(batch: Batch) -> Mapping[tuple[System, str, str], set[str]]:
    """By object and relation, the records whose relation a batch writes or is made with: each is read again, too."""
    found: defaultdict[tuple[System, str, str], set[str]] = defaultdict(set)
    for op in (op for group in batch.groups for op in group.ops if op.source_key):
        system, object_, record_id = split_record_key(op.source_key or "")
        for name in filter(is_relation, op.source_value):
            found[system, object_, name].add(record_id)
    return found
