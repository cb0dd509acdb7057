"""The reference model of one customer: who knows which edits, and what a correct sync may and must do with them.

Written from spec invariants.md (laws 3-5, 11, 14-17, 21, 23, 30, 50, 51), without a look at the product's decisions. An
edit knows of everything that its record, or another record of its side, has held; an edit that no other one knows of
is undominated. Where a conflict is one of times, deletions, first contacts or duplicates, less is asked for: any of the
undominated values, or only that nothing is lost, invented or written twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_pipeline.model import System, Value
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import FIELD_OF, FIELDS, PART_OF, TIGHT, H, S, crm_name, k

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """A user's edit of a field of one record. `known`: the edits that it was made with knowledge of."""

    number: int
    side: System
    value: Parts
    known: frozenset[int]

    @property
    def blank(self) -> bool:
        return not any(self.value)


def parts_of(system: System, fields: Mapping[str, Value], name: str) -> Parts:
    """The value of a mapped field in a record."""
    return tuple(k(fields.get(crm_name(system, part))) for part in FIELDS[name][1])


@dataclass
class Model:
    """What is known of a customer. `excused`: fields of which only safety is asked, and why; `window`: those that were
    edited between the re-read and a write that has no condition."""

    plain: bool
    edit_vs_clear: str
    edits: dict[str, list[Edit]] = field(default_factory=lambda: defaultdict(list))
    knows: dict[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    at_plan: dict[str, frozenset[int]] = field(default_factory=dict)
    ever: dict[str, set[Parts]] = field(default_factory=lambda: defaultdict(set))
    excused: dict[str, str] = field(default_factory=dict)
    window: set[str] = field(default_factory=set)
    agreeing: set[str] = field(default_factory=set)
    created_by: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    # -- what users and our writes do

    def edited(self, side: System, key: str, peers: list[str], name: str, value: Parts) -> None:
        """A user gave a field of the record `key` a value; `peers`: all records of that side."""
        known = frozenset().union(*(self.knows.get((peer, name), frozenset()) for peer in peers))
        number = len(self.edits[name])
        self.edits[name].append(Edit(number, side, value, known))
        self.knows[key, name] = known | {number}
        self.ever[name].add(value)

    def planned(self, keys: list[str], live: list[tuple[System, Kept]]) -> None:
        """A plan is made now, with knowledge of all `live` records. Where they hold one value nothing is to be written,
        and what each of them knows is known everywhere once the push has ended."""
        self.agreeing.clear()
        for name in FIELDS:
            self.at_plan[name] = frozenset().union(*(self.knows.get((key, name), frozenset()) for key in keys))
            if name == "asked" and len(self.undominated(name)) > 1:
                self.excused.setdefault(name, "both changed: waits for a person")
            if len({parts_of(side, record.fields, name) for side, record in live}) == 1:
                self.agreeing.add(name)

    def ended(self, keys: list[str]) -> None:
        """The push of the plan has ended."""
        for name in self.agreeing:
            self.settled(keys, name)

    def killed(self) -> None:
        """Before it ended: whether what agreed is known to agree, the next run may tell or not."""
        for name in self.agreeing:
            if len(self.undominated(name)) > 1:
                self.excused.setdefault(name, "killed while two edits agreed")

    def settled(self, keys: list[str], name: str) -> None:
        """All writes of a decision have landed: what it was made with is known everywhere."""
        for key in keys:
            self.knows[key, name] = self.knows.get((key, name), frozenset()) | self.at_plan.get(name, frozenset())

    def undominated(self, name: str) -> list[Edit]:
        edits = self.edits[name]
        dominated = frozenset().union(*(e.known for e in edits)) if edits else frozenset()
        return [e for e in edits if e.number not in dominated]

    # -- laws of a write, at the moment it lands

    def wrote(
        self, side: System, record: Kept, key: str, fields: Mapping[str, Value], live: list[tuple[System, Kept]]
    ) -> None:
        """An update of ours lands; `live`: all live records of the customer, before it."""
        touched = {FIELD_OF[PART_OF[side, name]] for name in fields if (side, name) in PART_OF}
        for name in touched:
            rule = FIELDS[name][0]
            before = parts_of(side, record.fields, name)
            after = parts_of(side, {**record.fields, **fields}, name)
            if before == after and name not in self.window:
                self._wrong(17, f"{key}.{name} is written although it does not differ")
            if rule == f"always_{side}":
                self._wrong(3, f"{key}.{name}: {rule} writes to {side}")
            if (
                rule == f"prefer_{side}"
                and name not in self.window
                and any(before)
                and any(after)
                and len([r for s, r in live if s is side]) == 1
            ):
                self._wrong(3, f"{key}.{name}: {rule} replaces a value of {side}")
            if rule == "ratchet" and after != (TIGHT,):
                self._wrong(3, f"{key}.{name}: a loosening was copied")
            if any(after) and after not in self.ever[name]:
                self._wrong(51 if len(after) > 1 else 46, f"{key}.{name}: {after} was nobody's value")
            if not any(after):
                self._check_clear(side, key, name, before, live)
            self.knows[key, name] = self.knows.get((key, name), frozenset()) | self.at_plan.get(name, frozenset())

    def _check_clear(self, side: System, key: str, name: str, before: Parts, live: list[tuple[System, Kept]]) -> None:
        if not any(e.blank for e in self.edits[name]):
            self._wrong(4, f"{key}.{name} is cleared, and nobody ever cleared it")
        if not any(not any(parts_of(s, r.fields, name)) for s, r in live):
            self._wrong(4, f"{key}.{name} is cleared while every record holds a value")
        seen = self.at_plan.get(name, frozenset())
        own = [e for e in self.edits[name] if e.value == before and e.side is side]
        wins = FIELDS[name][0].startswith("always") or self.edit_vs_clear != "edit_wins"
        clears = [e for e in self.edits[name] if e.blank and e.number in seen]
        if (
            self.plain
            and name not in self.window
            and name not in self.excused
            and not wins
            and own
            and not any(own[-1].number in c.known for c in clears)
        ):
            self._wrong(5, f"{key}.{name}: an edit was erased by a deletion that did not know of it")

    def created(self, side: System, key: str, create_key: str, live: list[tuple[System, Kept]], deleted: bool) -> None:
        """A create of ours lands. `live`: records of the golden record; `deleted`: one of that side was deleted."""
        if any(s is side for s, _ in live):
            self._wrong(50, f"{key} is created although {side} has a record of this customer")
        if deleted:
            self._wrong(30, f"{key} is created although the customer was deleted in {side}")
        if create_key in self.created_by:
            self._wrong(21, f"{key} is a second record for {create_key}")
        self.created_by.add(create_key)
        for name in FIELDS:
            self.knows[key, name] = self.at_plan.get(name, frozenset())

    # -- laws of the end, when users stopped and every write is accepted

    def check_end(self, live: list[tuple[System, Kept]]) -> None:
        sides = {side: [r for s, r in live if s is side] for side in System}
        if not self.plain or any(len(records) != 1 for records in sides.values()):
            return
        (hubspot,), (salesforce,) = sides[H], sides[S]
        for name, (rule, _) in FIELDS.items():
            if name in self.excused:
                continue
            h, s = parts_of(H, hubspot.fields, name), parts_of(S, salesforce.fields, name)
            self._check_field(name, rule, h, s)

    def _check_field(self, name: str, rule: str, h: Parts, s: Parts) -> None:
        left = self.undominated(name)
        if rule == "always_salesforce":
            if any(s) and h != s:
                self._wrong(11, f"{name}: HubSpot holds {h}, its master {s}")
            return
        if rule == "ratchet":
            loosened = any(
                e.value != (TIGHT,) and any(self.edits[name][n].value == (TIGHT,) for n in e.known)
                for e in self.edits[name]
            )
            if any(e.value == (TIGHT,) for e in self.edits[name]) and not loosened and (h, s) != ((TIGHT,), (TIGHT,)):
                self._wrong(11, f"{name}: {h} and {s}, although {TIGHT} was said and never taken back")
            return
        if h != s:
            self._wrong(11, f"{name}: HubSpot holds {h}, Salesforce {s}")
            return
        values = [e.value for e in left]
        if rule in ("two_way", "ask") and values and h not in values:
            law = 14 if len(left) == 1 else 15
            self._wrong(law, f"{name}: the end is {h}, the newest edits are {values}")
        if (
            rule == "two_way"
            and len(left) > 1
            and self.edit_vs_clear == "edit_wins"
            and not any(h)
            and any(any(v) for v in values)
        ):
            self._wrong(15, f"{name}: a deletion won over an edit: {values}")

    def _wrong(self, law: int, what: str) -> None:
        self.violations.append(f"law {law}: {what}")
