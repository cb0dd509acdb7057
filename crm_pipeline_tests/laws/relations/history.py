"""A family's history as plain numbers: the steps of laws/machine/history.py, with what people do to references.

Belongs here: drawing. Not here: what a step does (family.py), shrinking (laws/machine/history.py).
"""

from __future__ import annotations

import random

from crm_pipeline_tests.laws.machine.history import History, Night, Step

#: What users do. The first ones leave the records that there are; all others make records come, go and meet.
PLAIN = ("point", "point", "point", "unpoint", "join", "join", "leave", "own", "rename", "create", "create")
WILD = (*PLAIN, "delete", "delete", "merge", "convert")
#: What goes wrong with a write, what is not read, and choices between the plan and the push.
TROUBLE = ("refuse", "lose", "lose_landed", "later", "point_early", "point_early", "point_early", "hide", "lose_gone")


def drawn(rng: random.Random) -> History:
    """A history of two to five nights. Its `records`: companies, people and deals."""
    plain = rng.random() < 0.5

    def step(kinds: tuple[str, ...]) -> Step:
        return Step(rng.choice(kinds), rng.randrange(60), rng.randrange(60), rng.randrange(1000))

    nights = tuple(
        Night(
            tuple(step(PLAIN if plain else WILD) for _ in range(rng.choice((0, 1, 2, 3)))),
            tuple(step(TROUBLE) for _ in range(rng.choice((0, 0, 0, 1, 2)))),
        )
        for _ in range(rng.randint(2, 5))
    )
    first = tuple(step(("point", "point", "join", "create")) for _ in range(rng.choice((1, 2, 3, 5))))
    records = (rng.randint(1, 2), rng.randint(1, 2), rng.choice((0, 1, 1)))
    return History(records, first, nights, plain)
