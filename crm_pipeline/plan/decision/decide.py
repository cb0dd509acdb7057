"""The decision about one field of one golden record: the pure heart of the product (spec sync-rules.md, The rules).

No CRM, database, clock or orchestrator in it. Given the states of a field on all linked records, what was agreed before
and the rule, it says which value wins, which records are written with it, and what a person should know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from crm_pipeline.canonical import Canonical, is_blank
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.eligible import cleared_records, filled_records
from crm_pipeline.plan.decision.latest import certain, later
from crm_pipeline.plan.decision.side import SideValue, side_value
from crm_pipeline.plan.decision.state import Change, FieldState

Clash = Literal["edit_wins", "latest", "clear_wins"]


@dataclass(frozen=True)
class Policy:
    """A rule with what it may be told. `tight`: canonical values of a ratchet; `primary_only`: write_to: primary."""

    rule: Rule
    edit_vs_clear: Clash = "edit_wins"
    tie_breaker: System = System.SALESFORCE
    skew: timedelta = timedelta(seconds=2)
    tight: frozenset[Canonical] = frozenset()
    primary_only: bool = False


@dataclass(frozen=True)
class Conflict:
    """Something a person should know: which values met, who won and why. `winner` None: nobody, it waits or stays."""

    kind: str
    why: str
    winner: System | None
    salesforce: FieldState | None = None
    hubspot: FieldState | None = None
    certain: bool = True


@dataclass(frozen=True)
class Decision:
    """What was decided. `source` is the record whose value is written (its blank, when clearing); `writes` are the
    records that get it. `agreed` is the decided value, None when nothing was decided: then no base moves."""

    agreed: Canonical | None
    reason: str
    source: FieldState | None = None
    writes: tuple[FieldState, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def clears(self) -> bool:
        return bool(self.writes) and self.source is not None and self.source.blank


def decide(states: Sequence[FieldState], agreed: Canonical | None, policy: Policy) -> Decision:
    """The decision for one field. `states`: one for every linked, live record that the field is mapped for."""
    states = sorted(states, key=lambda s: (s.side, *s.order))
    if policy.primary_only:
        states = [s for s in states if s.primary]
    if policy.rule is Rule.DONT_SYNC:
        return Decision(None, "not synced")
    if any(not s.known for s in states):
        return Decision(None, "unknown: the field was missing from a record's data")
    if policy.rule is Rule.RATCHET:
        return _ratchet(states, policy)
    hubspot = side_value([s for s in states if s.side is System.HUBSPOT], agreed)
    salesforce = side_value([s for s in states if s.side is System.SALESFORCE], agreed)
    if hubspot is None or salesforce is None:
        return Decision(None, "only one side has a record")
    within = _lost_within(hubspot) + _lost_within(salesforce)
    if hubspot.value == salesforce.value:
        return Decision(hubspot.value, "both sides agree", conflicts=within)
    verdict = _VERDICTS[policy.rule](hubspot, salesforce, agreed, policy)
    return _completed(verdict, states, agreed, policy, within)


@dataclass(frozen=True)
class _Verdict:
    """Which side wins; None: both stay as they are (`settled`), or wait (`not settled`). `clear`: its blank wins."""

    winner: SideValue | None
    reason: str
    conflict: Conflict | None = None
    settled: Canonical | None = None
    forced_clear: bool = False


_Judge = Callable[[SideValue, SideValue, Canonical | None, Policy], _Verdict]


def _prefer(system: System) -> _Judge:
    """Prefer one side unless it is blank; a value deleted there is deleted on the other side too."""

    def judge(hubspot: SideValue, salesforce: SideValue, agreed: Canonical | None, policy: Policy) -> _Verdict:
        preferred, other = _pair(hubspot, salesforce, system)
        name = system.label
        if not preferred.blank:
            return _Verdict(preferred, f"{name} has a value")
        if preferred.change is Change.CLEARED:
            if other.change in (Change.SAME, Change.CLEARED):
                return _Verdict(preferred, f"deleted in {name}")
            if other.change is Change.SET:
                return _edit_vs_clear(edited=other, cleared=preferred, policy=policy)
        return _Verdict(other, f"{name} is blank")

    return judge


def _always(system: System) -> _Judge:
    """One side is the master: the other follows, and its own value is never passed on."""

    def judge(hubspot: SideValue, salesforce: SideValue, agreed: Canonical | None, policy: Policy) -> _Verdict:
        master, other = _pair(hubspot, salesforce, system)
        name = system.label
        if not master.blank:
            return _Verdict(master, f"always {name}")
        if master.change is Change.CLEARED and other.change is not Change.NEW:
            conflict = None
            if other.change is Change.SET:
                conflict = _conflict("edit_vs_clear", f"edited although {name} is the master", master, other, system)
            return _Verdict(master, f"deleted in {name}", conflict, forced_clear=True)
        return _Verdict(None, f"{name} is blank and the master", settled=master.value)

    return judge


def _two_way(hubspot: SideValue, salesforce: SideValue, agreed: Canonical | None, policy: Policy) -> _Verdict:
    """The latest value wins; deletions travel both ways."""
    h, s = hubspot.change, salesforce.change
    if h is Change.SAME and s is Change.SAME and agreed is not None and not is_blank(agreed):
        for side in (hubspot, salesforce):
            if side.value == agreed:
                return _Verdict(side, "the agreed value is missing on the other side")
    for one, two in ((hubspot, salesforce), (salesforce, hubspot)):
        if one.change is Change.SAME and two.change is Change.SET:
            return _Verdict(two, "changed on one side only")
        if one.change is Change.SAME and two.change is Change.CLEARED:
            return _Verdict(two, "deleted on one side")
        if one.change is Change.SET and two.change is Change.CLEARED:
            return _edit_vs_clear(edited=one, cleared=two, policy=policy)
        if one.change is Change.NEW and two.change is Change.CLEARED:
            # here `one` is not blank: both sides would agree otherwise
            return _Verdict(one, "a first value meets a deleted one")
    for filled, empty in ((hubspot, salesforce), (salesforce, hubspot)):
        if empty.blank:
            return _Verdict(filled, "blank on the other side")
    return _latest(hubspot, salesforce, policy, "both_changed" if Change.NEW not in (h, s) else "first_contact")


def _most_complete(hubspot: SideValue, salesforce: SideValue, agreed: Canonical | None, policy: Policy) -> _Verdict:
    """On first contact the fuller of two values that agree as far as both go (松本次郎 over 松本); then as two_way."""
    if Change.NEW in (hubspot.change, salesforce.change) and not hubspot.blank and not salesforce.blank:
        for full, short in ((hubspot, salesforce), (salesforce, hubspot)):
            pairs = list(zip(full.value, short.value, strict=True))
            if all(not b or a == b for a, b in pairs):
                return _Verdict(full, "more complete")
    return _two_way(hubspot, salesforce, agreed, policy)


def _ask(hubspot: SideValue, salesforce: SideValue, agreed: Canonical | None, policy: Policy) -> _Verdict:
    """As two_way while only one side changed; when both did, a person decides."""
    verdict = _two_way(hubspot, salesforce, agreed, policy)
    if verdict.conflict is None:
        return verdict
    return _Verdict(None, "waits for a person", _conflict("ask", "both sides changed", hubspot, salesforce, None))


_VERDICTS: dict[Rule, _Judge] = {
    Rule.PREFER_SALESFORCE: _prefer(System.SALESFORCE),
    Rule.PREFER_HUBSPOT: _prefer(System.HUBSPOT),
    Rule.ALWAYS_SALESFORCE: _always(System.SALESFORCE),
    Rule.ALWAYS_HUBSPOT: _always(System.HUBSPOT),
    Rule.TWO_WAY: _two_way,
    Rule.MOST_COMPLETE: _most_complete,
    Rule.ASK: _ask,
}


def may_write(rule: Rule, system: System) -> bool:
    """Whether a rule can ever write to a system."""
    if rule is Rule.DONT_SYNC:
        return False
    return rule not in (Rule.ALWAYS_SALESFORCE, Rule.ALWAYS_HUBSPOT) or not rule.value.endswith(system.value)


def _edit_vs_clear(edited: SideValue, cleared: SideValue, policy: Policy) -> _Verdict:
    winner = edited
    if policy.edit_vs_clear == "clear_wins":
        winner = cleared
    elif policy.edit_vs_clear == "latest":
        winner = later(edited, cleared, policy.skew) or _tie_broken(edited, cleared, policy)
    why = f"edited on one side, deleted on the other ({policy.edit_vs_clear})"
    conflict = _conflict("edit_vs_clear", why, edited, cleared, winner.record.side)
    return _Verdict(winner, why, conflict, forced_clear=winner is cleared)


def _latest(hubspot: SideValue, salesforce: SideValue, policy: Policy, kind: str) -> _Verdict:
    surely = later(hubspot, salesforce, policy.skew)
    winner = surely or _tie_broken(hubspot, salesforce, policy)
    why = "changed later" if surely else f"times cannot tell: {policy.tie_breaker.label} by tie_breaker"
    return _Verdict(winner, why, _conflict(kind, why, hubspot, salesforce, winner.record.side))


def _tie_broken(left: SideValue, right: SideValue, policy: Policy) -> SideValue:
    return left if left.record.side is policy.tie_breaker else right


def _completed(
    verdict: _Verdict,
    states: Sequence[FieldState],
    agreed: Canonical | None,
    policy: Policy,
    within: tuple[Conflict, ...],
) -> Decision:
    conflicts = within + ((verdict.conflict,) if verdict.conflict else ())
    winner = verdict.winner
    if winner is None:
        return Decision(verdict.settled, verdict.reason, conflicts=conflicts)

    def writable(state: FieldState) -> bool:
        return may_write(policy.rule, state.side) and not state.read_only

    if winner.blank:
        writes, left = cleared_records(states, winner.record, writable, also_set=verdict.forced_clear)
    else:
        writes, left = filled_records(states, winner.record, agreed, writable)
    kind = "not_cleared" if winner.blank else "within_side"
    conflicts += tuple(stays(state, kind) for state in left)
    return Decision(winner.value, verdict.reason, winner.record, writes, conflicts)


def _ratchet(states: Sequence[FieldState], policy: Policy) -> Decision:
    """A tight value on first contact or SET goes to all records; a loosening waits for a person; blank has no vote.

    A record that never protected gets the tight value even later: where an edit during a push made an operation stale,
    the protection would be lost otherwise.
    """

    def tight(value: Canonical | None) -> bool:
        return value is not None and value in policy.tight

    holders = [s for s in states if tight(s.value)]
    loosened = [s for s in states if tight(s.base) and not tight(s.value)]
    fresh = [s for s in holders if s.change in (Change.NEW, Change.SET)]
    if loosened and not fresh:
        return Decision(None, "a loosening waits for a person", conflicts=(_loosening(states, loosened),))
    if holders:
        source = max(fresh, key=lambda s: s.changed.at) if fresh else holders[0]
        writes = tuple(s for s in states if not tight(s.value) and not s.read_only)
        return Decision(source.value, "a tight value goes to all records", source, writes)
    return Decision(states[0].value if states else None, "nothing tight")


def _lost_within(side: SideValue) -> tuple[Conflict, ...]:
    return tuple(stays(state, "within_side") for state in side.others)


def stays(state: FieldState, kind: str) -> Conflict:
    """The conflict row of a record that keeps a value which the decision did not choose."""
    why = {
        "within_side": "another record of the same CRM holds a different value; it stays",
        "not_cleared": "the value was deleted elsewhere, but this record holds another one; it stays",
    }[kind]
    on_hubspot = state.side is System.HUBSPOT
    return Conflict(kind, why, None, salesforce=None if on_hubspot else state, hubspot=state if on_hubspot else None)


def _loosening(states: Sequence[FieldState], loosened: Sequence[FieldState]) -> Conflict:
    """Both sides as a person has to see them: of each the record that was loosened, else its first one."""

    def shown(side: System) -> FieldState | None:
        return next((s for some in (loosened, states) for s in some if s.side is side), None)

    why = "a protecting value was taken back; a person decides"
    return Conflict("loosening", why, None, shown(System.SALESFORCE), shown(System.HUBSPOT))


def _conflict(kind: str, why: str, left: SideValue, right: SideValue, winner: System | None) -> Conflict:
    hubspot, salesforce = (left, right) if left.record.side is System.HUBSPOT else (right, left)
    return Conflict(kind, why, winner, salesforce.record, hubspot.record, certain(left, right))


def _pair(hubspot: SideValue, salesforce: SideValue, system: System) -> tuple[SideValue, SideValue]:
    return (salesforce, hubspot) if system is System.SALESFORCE else (hubspot, salesforce)
