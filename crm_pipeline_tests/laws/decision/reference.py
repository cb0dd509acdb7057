"""The decision once more, written from the specification's words alone (spec sync-rules.md), to compare states with.

Belongs here: one value a side, the rules, which records are written, told in plain tuples. Not here: any import from
crm_pipeline/plan. Values are small numbers: 0 is blank; a base or an agreed value of None is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NEW, SAME, SET, CLEARED = "NEW", "SAME", "SET", "CLEARED"
HUBSPOT, SALESFORCE = "hubspot", "salesforce"


class Record(NamedTuple):
    """A field of one record. Records of a side are given in order: the primary, then the oldest. `at`: seconds."""

    name: str
    side: str
    value: int
    base: int | None
    at: int = 0
    certain: bool = True
    primary: bool = True
    writable: bool = True

    @property
    def change(self) -> str:
        if self.base is None:
            return NEW
        if self.base == self.value:
            return SAME
        return SET if self.value else CLEARED


class Rules(NamedTuple):
    """What the mapping says of the field."""

    rule: str
    edit_vs_clear: str = "edit_wins"
    tie_breaker: str = SALESFORCE
    skew: int = 2
    tight: int = 1
    primary_only: bool = False


class Verdict(NamedTuple):
    """`agreed` None: nothing was decided, no base moves. `conflicts`: (kind, record) or (kind, winner)."""

    agreed: int | None
    written: frozenset[str] = frozenset()
    value: int | None = None
    conflicts: frozenset[tuple[str, str]] = frozenset()


def verdict(records: Sequence[Record], agreed: int | None, rules: Rules) -> Verdict:
    """What the specification says of these records."""
    if rules.rule == "dont_sync":
        return Verdict(None)
    taking = [r for r in records if r.primary] if rules.primary_only else list(records)
    if rules.rule == "ratchet":
        return _ratchet(taking, rules)
    sides = {s: [r for r in taking if r.side == s] for s in (HUBSPOT, SALESFORCE)}
    if not sides[HUBSPOT] or not sides[SALESFORCE]:
        return Verdict(None)
    lost: set[tuple[str, str]] = set()
    h, s = (_of_side(sides[side], agreed, lost) for side in (HUBSPOT, SALESFORCE))
    if h.value == s.value:
        return Verdict(h.value, conflicts=frozenset(lost))
    winner, kind, overrides, waits = _winner(h, s, agreed, rules)
    if kind:
        lost.add((kind, winner.side if winner and not waits else "nobody"))
    if waits:
        return Verdict(None, conflicts=frozenset(lost))
    if winner is None:
        # "keep: HubSpot's value is never passed on": what the master says is what was decided
        master = s if rules.rule == "always_salesforce" else h
        return Verdict(master.value, conflicts=frozenset(lost))
    written = _written(taking, winner, agreed, rules, overrides, lost)
    return Verdict(winner.value, frozenset(written), winner.value if written else None, frozenset(lost))


def _of_side(records: Sequence[Record], agreed: int | None, lost: set[tuple[str, str]]) -> Record:
    """One value a side, steps 1 to 6."""
    changed = [r for r in records if r.change == SET]
    if changed:
        last = max(r.at for r in changed)
        one = next(r for r in changed if r.at == last)
        lost.update(("within_side", r.name) for r in changed if r.value != one.value)
        return one
    if records[0].change == CLEARED:
        return records[0]
    if not any(r.value for r in records):
        for r in records:
            if r.change == CLEARED:
                return r
    if agreed:
        for r in records:
            if r.change == SAME and r.value == agreed:
                return r
    for r in records:
        if r.change == NEW and r.value:
            return r
    if agreed == 0:
        for r in records:
            if r.base is not None and r.value == 0:
                return r
    for r in records:
        if r.value:
            return r
    return records[0]


#: (winner, kind of conflict, whether a clear also takes values that were set, whether it waits for a person)
_Won = tuple[Record | None, str, bool, bool]


def _winner(h: Record, s: Record, agreed: int | None, rules: Rules) -> _Won:
    rule = rules.rule
    if rule in ("prefer_salesforce", "prefer_hubspot"):
        preferred, other = (s, h) if rule == "prefer_salesforce" else (h, s)
        if preferred.value:
            return preferred, "", False, False
        if preferred.change == CLEARED and other.change == SAME:
            return preferred, "", False, False
        if preferred.change == CLEARED and other.change == SET:
            return _edit_vs_clear(other, preferred, rules)
        return other, "", False, False
    if rule in ("always_salesforce", "always_hubspot"):
        master, other = (s, h) if rule == "always_salesforce" else (h, s)
        if master.value:
            return master, "", False, False
        if master.change == CLEARED and other.change != NEW:
            return master, "edit_vs_clear" if other.change == SET else "", True, False
        return None, "", False, False
    if rule == "most_complete" and NEW in (h.change, s.change) and h.value and s.value:
        return _two_way(h, s, agreed, rules)  # values of one part: neither is a fuller form of the other
    won = _two_way(h, s, agreed, rules)
    return (None, "ask", False, True) if rule == "ask" and won[1] else won


def _two_way(h: Record, s: Record, agreed: int | None, rules: Rules) -> _Won:
    """The table, a line a cell; h and s differ."""
    pair = (h.change, s.change)
    if pair == (SAME, SAME) and agreed and agreed in (h.value, s.value):
        return (h if h.value == agreed else s), "", False, False
    if pair in ((NEW, NEW), (NEW, SAME), (SAME, NEW), (SAME, SAME), (NEW, SET), (SET, NEW)):
        if not h.value:
            return s, "", False, False
        if not s.value:
            return h, "", False, False
        kind = "first_contact" if NEW in pair else "both_changed"
        return _latest(h, s, rules), kind, False, False
    if pair == (SET, SET):
        return _latest(h, s, rules), "both_changed", False, False
    if pair in ((NEW, CLEARED), (SET, SAME), (CLEARED, SAME)):
        return h, "", False, False
    if pair in ((CLEARED, NEW), (SAME, SET), (SAME, CLEARED)):
        return s, "", False, False
    assert set(pair) == {SET, CLEARED}, pair
    edited, cleared = (h, s) if h.change == SET else (s, h)
    return _edit_vs_clear(edited, cleared, rules)


def _edit_vs_clear(edited: Record, cleared: Record, rules: Rules) -> _Won:
    winner = {"edit_wins": edited, "clear_wins": cleared}.get(rules.edit_vs_clear) or _latest(edited, cleared, rules)
    return winner, "edit_vs_clear", winner is cleared, False


def _latest(a: Record, b: Record, rules: Rules) -> Record:
    """The last-modified time of a NEW value is an upper bound only: a surely known later time wins surely, else a
    tie."""
    first, last = sorted((a, b), key=lambda r: r.at)
    apart = last.at - first.at > rules.skew
    bound = [r.change == NEW and not r.certain for r in (first, last)]
    surely = apart and (not any(bound) or (bound == [True, False] and last.certain))
    return last if surely else next(r for r in (a, b) if r.side == rules.tie_breaker)


def _written(
    records: Sequence[Record],
    winner: Record,
    agreed: int | None,
    rules: Rules,
    overrides: bool,
    lost: set[tuple[str, str]],
) -> set[str]:
    """Which records are written; those that keep another value join `lost`."""
    never = {"always_salesforce": SALESFORCE, "always_hubspot": HUBSPOT}.get(rules.rule)
    written = set()
    for r in records:
        if r.value == winner.value:
            continue
        may = r.writable and r.side != never
        if winner.value == 0:
            holds = r.change == SAME and r.base == winner.base
            edited = overrides and r.change == SET and r.side != winner.side
            if may and (holds or edited):
                written.add(r.name)
            elif may:
                lost.add(("not_cleared", r.name))
        elif r.side != winner.side or r.value == 0 or (agreed and r.value == agreed):
            if may:
                written.add(r.name)
        else:
            lost.add(("within_side", r.name))
    return written


def _ratchet(records: Sequence[Record], rules: Rules) -> Verdict:
    """A tight value on first contact or SET goes to all, and stays with all until somebody takes it back: a loosening
    is neither copied nor reverted."""
    tight = [r for r in records if r.value == rules.tight]
    loosened = any(r.base == rules.tight and r.value != rules.tight for r in records)
    if loosened and not any(r.change in (NEW, SET) for r in tight):
        return Verdict(None, conflicts=frozenset({("loosening", "nobody")}))
    if tight:
        written = frozenset(r.name for r in records if r.value != rules.tight and r.writable)
        return Verdict(rules.tight, written, rules.tight if written else None)
    return Verdict(records[0].value if records else None)
