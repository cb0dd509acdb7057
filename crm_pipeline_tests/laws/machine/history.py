"""A customer's history as plain numbers: what users do on each day and what goes wrong in each night.

Belongs here: drawing and shrinking histories. Not here: what a step does (world.py). A step names records and fields by
numbers that are taken modulo what is there, so that any step can be left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

#: What users do. The first ones leave one record a side; all others make records come, go and meet.
PLAIN = ("edit", "edit", "edit", "clear", "cosmetic", "same")
WILD = (*PLAIN, "create", "delete", "merge", "convert", "leave", "rejoin")
#: Where the CRM has a recycle bin.
BINNED = (*WILD, "restore")
#: What goes wrong with the write to a record, and edits at a bad moment: before the re-read, between it and the write.
TROUBLE = ("refuse", "lose", "lose_landed", "later", "edit_early", "edit_late")
#: Where records come and go, somebody also types the customer into the other CRM, after the plan was made.
WILD_TROUBLE = (*TROUBLE, "create_early")


class Step(NamedTuple):
    """`record` and `field` are taken modulo what there is; `value` makes a new value."""

    what: str
    record: int
    field: int
    value: int


class Night(NamedTuple):
    """Steps of the day before, then what goes wrong in the night."""

    day: tuple[Step, ...]
    trouble: tuple[Step, ...] = ()


@dataclass(frozen=True)
class History:
    """`records`: (HubSpot contacts, Salesforce leads, Salesforce contacts) at first; `first`: what they hold."""

    records: tuple[int, int, int]
    first: tuple[Step, ...]
    nights: tuple[Night, ...]
    plain: bool

    def steps(self) -> int:
        return len(self.first) + sum(len(n.day) + len(n.trouble) for n in self.nights)


def drawn(rng: random.Random, *, troubled: bool = True, wild: tuple[str, ...] = WILD) -> History:
    """A history of two to five nights. `wild`: what users do whose records come and go."""
    plain = rng.random() < 0.5
    if plain:
        records = rng.choice([(1, 1, 0), (1, 1, 0), (1, 0, 1)])
    else:
        few = [(1, 0, 0), (0, 1, 0), (1, 1, 0), (2, 1, 0), (1, 2, 0), (1, 1, 1)]
        records = rng.choice([*few, (2, 2, 0), (3, 1, 1), (3, 3, 0), (3, 2, 1)])

    def step(kinds: tuple[str, ...]) -> Step:
        return Step(rng.choice(kinds), rng.randrange(60), rng.randrange(60), rng.randrange(1000))

    nights = tuple(
        Night(
            tuple(step(PLAIN if plain else wild) for _ in range(rng.choice((0, 1, 1, 2, 3)))),
            tuple(
                step(TROUBLE if plain else WILD_TROUBLE) for _ in range(rng.choice((0, 0, 0, 1, 2)) if troubled else 0)
            ),
        )
        for _ in range(rng.randint(2, 5))
    )
    first = tuple(step(("edit",)) for _ in range(rng.choice((1, 2, 3, 5))))
    return History(records, first, nights, plain)


def smaller(history: History) -> Iterator[History]:
    """The history with one thing less, the largest pieces first."""
    for n in range(len(history.nights)):
        yield replace(history, nights=history.nights[:n] + history.nights[n + 1 :])
    for n, night in enumerate(history.nights):
        before, after = history.nights[:n], history.nights[n + 1 :]
        for i in range(len(night.day)):
            yield replace(history, nights=(*before, night._replace(day=_without(night.day, i)), *after))
        for i in range(len(night.trouble)):
            yield replace(history, nights=(*before, night._replace(trouble=_without(night.trouble, i)), *after))
    for i in range(len(history.first)):
        yield replace(history, first=_without(history.first, i))


def shrunk(history: History, failing: Callable[[Sequence[History]], History | None]) -> History:
    """The smallest history found that still fails, by leaving out one thing after another. `failing`: one of these that
    does, if any."""
    while one := failing([*smaller(history)]):
        history = one
    return history


def _without(steps: tuple[Step, ...], index: int) -> tuple[Step, ...]:
    return steps[:index] + steps[index + 1 :]
