"""How the operations of a plan are cut into batches: sizes, canaries, and what goes by a bulk job.

Pure. Not here: sending one (batch.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from crm_pipeline.crm.jobs import PART
from crm_pipeline.model import System
from crm_pipeline.push.operation import Group, Way

#: Records of one batch. HubSpot: one call, so that the window between re-read and write is one round trip. Salesforce
#: closes that window itself: eight composite calls for one re-read.
BATCH = {System.HUBSPOT: 100, System.SALESFORCE: 200}
#: Relations of one batch: HubSpot tells and takes them by the thousand.
RELATED = 1000
#: Records of the first batch of each object and way, which is read back before the rest is sent.
CANARY = 5
_IN_BULK = (Way.CREATE, Way.UPDATE)


@dataclass(frozen=True)
class Batch:
    """Records of one object that are written in one way. `canary`: the first ones; `bulk`: by a job."""

    groups: tuple[Group, ...]
    canary: bool = False
    bulk: bool = False


def batches(groups: Sequence[Group], bulk_from: int, in_bulk: Callable[[Group], bool]) -> Iterator[Batch]:
    """Batches in the order of the groups. `bulk_from`: records of one object and way from which on a job is worth its
    calls; `in_bulk`: whether a job can carry a group; the others go in batches all the same."""
    seen: set[tuple[System, str, Way]] = set()
    for place, found in groupby(groups, key=lambda g: (g.first.system, g.first.object, g.way)):
        system, _, way = place
        waiting = list(found)
        many = way in _IN_BULK and len(waiting) >= bulk_from
        if place not in seen:
            seen.add(place)
            yield Batch(tuple(waiting[:CANARY]), canary=True)
            waiting = waiting[CANARY:]
        if many:
            carried = [g for g in waiting if in_bulk(g)]
            waiting = [g for g in waiting if not in_bulk(g)]
            yield from (Batch(part, bulk=True) for part in _cut(carried, PART))
        size = RELATED if way is Way.ASSOCIATE else BATCH[system]
        yield from (Batch(part) for part in _cut(waiting, size))


def _cut(groups: Sequence[Group], size: int) -> Iterator[tuple[Group, ...]]:
    return (tuple(groups[at : at + size]) for at in range(0, len(groups), size))
