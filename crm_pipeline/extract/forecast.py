"""What a run is going to cost in calls, before it reads, and whether the day's budget carries it.

Belongs here: how many records are expected, from what earlier runs left. Not here: how many calls they take
(crm/*/cost.py), and the stop when the budget is used up all the same (crm/calls.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.config import Settings
from crm_pipeline.crm.cost import Costs, Reading
from crm_pipeline.crm.hubspot import cost as hubspot
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.crm.salesforce import cost as salesforce
from crm_pipeline.errors import DailyLimitError, PermanentError
from crm_pipeline.extract import counted
from crm_pipeline.extract.reading.request import request
from crm_pipeline.extract.relations import relations
from crm_pipeline.extract.relations.marks import Marks
from crm_pipeline.extract.schema import schema
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection, Warehouse

#: (from object, to object) of a relation.
Pair = tuple[str, str]

_COSTS: Mapping[System, Costs] = {System.HUBSPOT: hubspot, System.SALESFORCE: salesforce}


@dataclass(frozen=True)
class Line:
    """One object, or another part of the read. `live`: records there; `changed`: those expected to be read; `route`:
    how they come; `calls` that it takes."""

    object: str
    live: int
    changed: int
    route: str
    calls: int


@dataclass(frozen=True)
class Forecast:
    """One CRM's part of a run. `allowed`: calls that this run may still make today, by both shares of the budget;
    `daily_used` of `daily_limit`, by everybody. None and 0 where the CRM does not tell."""

    system: System
    lines: tuple[Line, ...]
    allowed: int | None
    daily_used: int
    daily_limit: int

    @property
    def calls(self) -> int:
        return sum(line.calls for line in self.lines)

    @property
    def percent(self) -> float:
        """Of the day's calls; 0 where the CRM does not tell how many there are."""
        return 100 * self.calls / self.daily_limit if self.daily_limit else 0.0

    @property
    def sufficient(self) -> bool:
        return self.allowed is None or self.calls <= self.allowed

    @property
    def shortage(self) -> DailyLimitError:
        """The error of a run that would not come to its end."""
        label = self.system.label
        return DailyLimitError(
            f"{label}: this run would need about {self.calls:,} API calls, but may make {self.allowed or 0:,} today "
            f"({self.daily_used:,} of the day's {self.daily_limit:,} are used): raise budget.run_percent or "
            "budget.organisation_percent in the settings, read less (read in the mapping), or run it on a day with "
            "more calls left",
            system=self.system,
        )


def forecast(warehouse: Warehouse, crm: Crm, settings: Settings, *, full: bool = False) -> Forecast:
    """Foresee the calls of a run's read of one CRM. Costs a call for each object that was never read.

    Records are expected as the last run counted them, and changes as many as in an equally long time before it.
    """
    costs = _COSTS[crm.system]
    objects = [object_ for system, object_ in settings.mapping.read_objects if system is crm.system]
    readings: dict[str, Reading] = {}
    pairs: dict[Pair, int] = {}
    if warehouse.path.exists():
        readings, pairs = _known(warehouse, crm, settings, full)
    unknown = [object_ for object_ in objects if object_ not in readings]
    readings |= {object_: _unknown(crm, settings, object_) for object_ in unknown}
    lines = [Line(counted.SCHEMA, 0, 0, "", costs.of_schema(objects) + len(unknown))]
    for object_ in objects:
        cost = costs.of_object(readings[object_])
        lines.append(Line(object_, readings[object_].live, readings[object_].changed, cost.route, cost.calls))
    for one in relations.HUBSPOT:
        if one.from_object in readings and one.to_object in readings:
            pairs.setdefault((one.from_object, one.to_object), readings[one.from_object].live)
    asked = sum(pairs.values())
    lines.append(Line(counted.ASSOCIATIONS, asked, asked, "batch" if pairs else "", costs.of_relations(pairs)))
    usage = crm.calls.usage
    return Forecast(crm.system, tuple(lines), crm.calls.allowed, usage.daily_used, usage.daily_limit)


def require(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int, *, full: bool = False) -> Forecast:
    """The forecast of a run that is about to read, noted in `raw.call`. Raises DailyLimitError if it cannot end."""
    found = forecast(warehouse, crm, settings, full=full)
    with warehouse.connect() as connection:
        counted.foresee(connection, crm.system, run_id, {line.object: line.calls for line in found.lines})
    if not found.sufficient:
        raise found.shortage
    return found


def _known(
    warehouse: Warehouse, crm: Crm, settings: Settings, full: bool
) -> tuple[dict[str, Reading], dict[Pair, int]]:
    """The objects that earlier runs read, and how many of their records are asked for relations, of those that were
    read."""
    now = crm.server_time()
    found: dict[str, Reading] = {}
    with warehouse.connect() as connection:
        seen = schema.stored_names(connection, crm.system)
        for system, object_ in settings.mapping.read_objects:
            if system is not crm.system or object_ not in seen:
                continue
            asked = request(connection, settings, system, object_, full=full)
            if asked.previous is None:
                continue
            before = asked.since - (now - asked.since) if asked.since else now
            live, changed, gone = _numbers(connection, system, object_, before)
            to_read = live if asked.full else min(live, changed + len(asked.by_id))
            found[object_] = Reading(
                object_, live, to_read, gone, full=asked.full, fields=asked.fields, history=asked.history
            )
        pairs = _related(connection, settings, found) if crm.system is System.HUBSPOT else {}
    return found, pairs


def _numbers(connection: Connection, system: System, object_: str, since: datetime) -> tuple[int, int, int]:
    """Live records as the CRM counted them last; live ones modified since; deleted ones that it may still list."""
    row = connection.execute(
        "select coalesce((select there from raw.reconciliation where system = ? and object = ? "
        "order by run_id desc limit 1), count(*) filter (retired is null)), "
        "count(*) filter (retired is null and modified_at >= ?), count(*) filter (retired = 'deleted') "
        f"from raw.{system}_{object_.lower()}",
        [system.value, object_, since],
    ).fetchone()
    assert row
    return row[0], row[1], row[2]


def _unknown(crm: Crm, settings: Settings, object_: str) -> Reading:
    """An object that was never read, as the CRM counts it; empty if it may not be seen."""
    try:
        live = crm.count(object_)
    except DailyLimitError:
        raise
    except PermanentError:
        live = 0
    fields = list(settings.mapping.fields_read(crm.system, object_))
    timed = schema.timed(settings, object_, fields)
    return Reading(object_, live, live, full=True, fields=fields, history=timed)


def _related(connection: Connection, settings: Settings, readings: Mapping[str, Reading]) -> dict[Pair, int]:
    """Numbers of records, of relations that were read before and are not due as a whole."""
    found: dict[Pair, int] = {}
    for one in relations.HUBSPOT:
        near, far = readings.get(one.from_object), readings.get(one.to_object)
        if near is None or far is None or near.full or far.full:
            continue
        marks = Marks.of(connection, settings, System.HUBSPOT, one.name, one.from_object, one.to_object)
        if marks and not marks.whole_is_due(settings.extract.reconcile_days):
            found[one.from_object, one.to_object] = near.changed
            found[one.to_object, one.from_object] = far.changed
    return found
