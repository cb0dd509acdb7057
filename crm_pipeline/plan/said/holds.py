"""What people, and undos, hold: no operation is made for it until the hold ends (spec sync-rules.md, hold, Undo).

Belongs here: rows of state.hold, whom they hold, and when one is over by itself. Not here: what a plan does without the
held operations (entity.py), the words of the commands (cli/hold.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crm_pipeline.errors import ConfigError, NotFoundError, SafetyError
from crm_pipeline.match.review.decisions import SURVIVORS
from crm_pipeline.plan.decision.state import Change, FieldState
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert as insert_rows

Origin = Literal["pinned", "undo"]


@dataclass(frozen=True)
class Hold:
    """A row of state.hold. `record_key` None: every record of the golden record; `field` None: every mapped field.

    `field_hash`: of the field's mapping when an undo made the hold (member.field_hash). `hold_id` 0: not stored yet.
    """

    golden_id: str
    record_key: str | None
    field: str | None
    origin: Origin
    held_by: str
    why: str
    field_hash: str | None = None
    run_id: int | None = None
    hold_id: int = 0


class Holds:
    """The holds that are open. A golden id here is the one that the record goes by now."""

    def __init__(self, holds: Iterable[Hold] = ()) -> None:
        self._of: dict[str, list[Hold]] = defaultdict(list)
        for hold in holds:
            self._of[hold.record_key or hold.golden_id].append(hold)
        self._undone: dict[str, list[Hold]] = defaultdict(list)
        for hold in (h for found in self._of.values() for h in found if h.origin == "undo"):
            self._undone[hold.golden_id].append(hold)

    def holds(
        self, golden_id: str, record_key: str | None = None, field: str | None = None, *, over: Collection[Hold] = ()
    ) -> Hold | None:
        """The hold that forbids an operation on this field of this record, or None. Those that are `over` do not count.

        Without a record: on the golden record as a whole. Without a field: on all fields at once.
        """
        of_all = field.partition("/")[0] if field else None  # `people` holds all of people/person-7, people/person-8
        for place in (golden_id, record_key):
            for hold in self._of.get(place or "", ()):
                if hold.field in (None, field, of_all) and hold not in over:
                    return hold
        return None

    def any_of(self, golden_id: str, record_keys: Iterable[str] = ()) -> bool:
        """Whether anything of a golden record is held."""
        return any(place in self._of for place in (golden_id, *record_keys))

    def about(self, golden_id: str, record_keys: Iterable[str]) -> bool:
        """Whether any hold names a golden record or one of these records, be it over or of a record that is gone."""
        return golden_id in self._undone or self.any_of(golden_id, record_keys)

    def ends(self, golden_id: str, field: str, states: Sequence[FieldState], field_hash: str) -> list[tuple[Hold, str]]:
        """The undos' holds of a field that are over by now, each with the reason.

        `states`: of the field on every linked record, by the bases that the undo restored. A person's hold never ends
        by itself.
        """
        over = []
        for hold in self._undone.get(golden_id, ()):
            if hold.field != field:
                continue
            if hold.field_hash != field_hash:
                over.append((hold, "the field's rule or mapping changed"))
            elif any(s.known and s.change in (Change.SET, Change.CLEARED) for s in states):
                over.append((hold, "a linked record was edited"))
        return over


def load(connection: Connection) -> Holds:
    """The open rows of state.hold: golden ids follow redirects, records what they were merged or converted into.

    Raises ConfigError for a row whose origin is neither `pinned` nor `undo`.
    """
    rows = connection.execute(
        f"""
        select coalesce(r.survivor_id, h.golden_id), coalesce(s.survivor, h.record_key), h.field, h.origin, h.held_by,
            h.why, h.field_hash, h.run_id, h.hold_id
        from state.hold h
        left join golden.redirect r using (golden_id)
        left join ({SURVIVORS}) s on s.gone = h.record_key
        where h.ended_at is null
        order by h.hold_id
        """
    ).fetchall()
    for row in rows:
        if row[3] not in ("pinned", "undo"):
            raise ConfigError(f"hold {row[-1]} in state.hold has the origin '{row[3]}'; write pinned or undo there")
    return Holds(Hold(*row) for row in rows)


def insert(connection: Connection, holds: Iterable[Hold]) -> list[int]:
    """Store new holds as of now. Returns their numbers."""
    (last,) = connection.execute("select coalesce(max(hold_id), 0) from state.hold").fetchone() or (0,)
    numbered = [replace(hold, hold_id=int(last) + n) for n, hold in enumerate(holds, 1)]
    (now,) = connection.execute("select now()").fetchone() or (None,)
    insert_rows(
        connection,
        "state.hold",
        (
            {
                "hold_id": hold.hold_id,
                "golden_id": hold.golden_id,
                "record_key": hold.record_key,
                "field": hold.field,
                "origin": hold.origin,
                "held_by": hold.held_by,
                "held_at": now,
                "why": hold.why,
                "field_hash": hold.field_hash,
                "run_id": hold.run_id,
            }
            for hold in numbered
        ),
    )
    return [hold.hold_id for hold in numbered]


def end(connection: Connection, ended: Iterable[tuple[int, str]]) -> None:
    """Holds, by number, are over: because of what. One that has ended already stays as it is."""
    reasons = dict(ended)
    if reasons:
        connection.execute(
            "update state.hold set ended_at = now(), ended_by = n.why "
            "from (select unnest(?::integer[]) as hold_id, unnest(?::varchar[]) as why) n "
            "where state.hold.hold_id = n.hold_id and ended_at is null",
            [list(reasons), list(reasons.values())],
        )


def lift(connection: Connection, hold_id: int, by: str) -> None:
    """A person ends a hold. Raises NotFoundError for an unknown number, SafetyError for one that is over already."""
    if not by.strip():
        raise SafetyError("lifting a hold needs a name: say who lifts it with --by")
    row = connection.execute("select ended_by from state.hold where hold_id = ?", [hold_id]).fetchone()
    if row is None:
        raise NotFoundError(f"there is no hold {hold_id}; `crm-pipeline hold list` shows them")
    if row[0] is not None:
        raise SafetyError(f"hold {hold_id} is over already: {row[0]}")
    end(connection, [(hold_id, by.strip())])
