"""Scored pairs of this run: those of earlier runs that still hold, and those that are compared now.

Belongs here: which pairs are compared again, by rules and inside components. Not here: judging them (engine.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.blocking.rules import CLOSURE
from crm_pipeline.match.cluster.closure import affected, pairs_inside
from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.desk import Desk
from crm_pipeline.match.scores import inside as insides
from crm_pipeline.match.scores import scored
from crm_pipeline.match.scores.inside import Inside
from crm_pipeline.match.scores.scored import Flags, Ids, Scored, packed

_CLOSURE = np.uint64(1 << CLOSURE)


@dataclass(frozen=True)
class Comparing:
    """`rows`: every scored pair; `again`: those of them that were compared now; `removed`: rows of earlier runs that no
    longer hold. `near`: records (ids) that changed, or whose component of links did. `links`: strong pairs and those
    that people made."""

    rows: Scored
    again: Flags
    removed: Scored
    near: Flags
    inside: Inside
    links: tuple[Ids, Ids]


def compared(desk: Desk) -> Comparing:
    """Compare the pairs of the temporary table `pair`, then what is inside the components that they make."""
    people = desk.population
    changed = people.touched | people.gone
    earlier = scored.together([]) if people.everybody else scored.read(desk.connection, desk.kind)
    outdated = earlier.meets(changed)
    kept, removed = earlier.where(~outdated), earlier.where(outdated)
    fresh = desk.scored_pairs(_neighbours(earlier, _neighbours(earlier, changed)))
    rows = scored.together([kept, fresh])
    left, right = _links(desk, rows)
    labels = components(people.count, left, right)
    seeds = changed.copy()
    seeds[removed.l[removed.strong]] = seeds[removed.r[removed.strong]] = True
    near = affected(labels, seeds)

    dissolved = kept.meets(near) & (kept.rules == _CLOSURE)
    removed = scored.together([removed, kept.where(dissolved)])
    rows = scored.together([kept.where(~dissolved), fresh])
    within = _within(desk, rows, pairs_inside(labels, near, left, right, people.dice))
    rows = scored.together([rows, within[0]])
    again = np.zeros(len(rows), dtype=np.bool_)
    again[len(kept) - int(dissolved.sum()) :] = True
    everything = insides.replace(desk.connection, desk.kind, within[1], None if people.everybody else near)
    return Comparing(rows, again, removed, near, everything, _links(desk, rows))


def _neighbours(rows: Scored, ids: Flags) -> Flags:
    """The ends of all rows that meet `ids`."""
    found = ids.copy()
    near = rows.meets(ids)
    found[rows.l[near]] = found[rows.r[near]] = True
    return found


def _links(desk: Desk, rows: Scored) -> tuple[Ids, Ids]:
    linked = desk.followed.linked
    return (
        np.concatenate((rows.l[rows.strong], linked[0])),
        np.concatenate((rows.r[rows.strong], linked[1])),
    )


def _within(desk: Desk, rows: Scored, pairs: tuple[Ids, Ids]) -> tuple[Scored, Inside]:
    """What is not among the rows yet, and all of the pairs."""
    left, right = pairs
    if not len(left):
        return scored.together([]), insides.together([])
    rules: NDArray[np.uint64] = np.full(len(left), _CLOSURE, dtype=np.uint64)
    found, inside = desk.scales(left, right).inside(left, right, rules)
    return found.where(~np.isin(packed(found.l, found.r), packed(rows.l, rows.r))), inside
