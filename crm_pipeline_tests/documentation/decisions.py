"""The table of docs/sync-rules.md with every case of two records, one in each CRM, made from the decision itself.

Pure but for reading the page. Belongs here: the table. Not here: which way each rule decides (plan/decision).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from crm_pipeline.canonical import Canonical
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import Decision, Policy, decide
from crm_pipeline.plan.decision.state import ChangeTime, FieldState
from crm_pipeline_tests.architecture.modules import ROOT

PAGE = ROOT / "docs" / "sync-rules.md"
_BEGIN, _END = "<!-- all cases: made by `make docs` -->\n", "<!-- end of all cases -->\n"
_RULES = (Rule.PREFER_SALESFORCE, Rule.ALWAYS_SALESFORCE, Rule.TWO_WAY, Rule.ASK)
_AT = datetime(2026, 11, 1, tzinfo=UTC)
#: What happened to a record's field since it was decided last -> (value, base); `own` is another value on each side.
_HAPPENED: dict[str, tuple[str, str | None]] = {
    "first contact": ("own", None),
    "blank, never had one": ("", None),
    "as it was": ("agreed", "agreed"),
    "edited": ("own", "agreed"),
    "deleted": ("", "agreed"),
}


def with_cases(page: str) -> str:
    """The page with the table anew. Raises ValueError if it has no place for it."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the page has no place for the table")
    return before + begin + _table() + end + after


def _table() -> str:
    head = ("Salesforce", "HubSpot", *(f"`{rule}`" for rule in _RULES))
    lines = [head, ("---",) * len(head)]
    for salesforce, hubspot in product(_HAPPENED, repeat=2):
        cells = [_outcome(rule, salesforce, hubspot) for rule in _RULES]
        if set(cells) != {"–"}:
            lines.append((salesforce, hubspot, *cells))
    return "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


def _outcome(rule: Rule, salesforce: str, hubspot: str) -> str:
    """What follows, whoever was later; if that makes a difference, "the later"."""
    decided = [_decided(rule, salesforce, hubspot, later) for later in (System.SALESFORCE, System.HUBSPOT)]
    words = {_words(one) for one in decided}
    told = " ⚑" if any(one.conflicts for one in decided) else ""
    return ("the later" if len(words) > 1 else words.pop()) + told


def _decided(rule: Rule, salesforce: str, hubspot: str, later: System) -> Decision:
    happened = {System.SALESFORCE: salesforce, System.HUBSPOT: hubspot}
    states = [_state(side, what, later) for side, what in happened.items()]
    known = any(_HAPPENED[what][1] for what in happened.values())
    return decide(states, ("agreed",) if known else None, Policy(rule))


def _state(side: System, what: str, later: System) -> FieldState:
    value, base = (_canonical(part, side) for part in _HAPPENED[what])
    assert value is not None
    changed = ChangeTime(_AT + timedelta(hours=side is later), certain=True)
    return FieldState(f"{side}/x/1", side, value, tuple(value), base, changed, _AT, primary=True)


def _canonical(part: str | None, side: System) -> Canonical | None:
    return None if part is None else ((str(side) if part == "own" else part),)


def _words(decision: Decision) -> str:
    if not decision.writes or decision.source is None:
        return "–"
    (written,) = {state.side for state in decision.writes}
    if decision.clears:
        return f"{_NAMES[written]}'s is deleted"
    return f"to {_NAMES[written]}"


_NAMES = {System.SALESFORCE: "Salesforce", System.HUBSPOT: "HubSpot"}
