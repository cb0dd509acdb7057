"""Does the mapping fit both live schemas? A field that does not is left out and reported; the others go on.

Belongs here: a verdict (verdict.py) for every mapped field and pair of objects, and what its rule wants beyond it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_pipeline.config.field import FieldMapping, Label
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation, look_up_of
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Kind, Rule, System
from crm_pipeline.plan.decision.decide import may_write
from crm_pipeline.plan.fit.types import BOTH, NEITHER, shape
from crm_pipeline.plan.fit.verdict import NOTHING, Owners, Verdict, Words, verdict

#: (system, object) -> field name -> description
Schemas = Mapping[tuple[System, str], Mapping[str, FieldSchema]]

#: Fields that a CRM keeps unique although its description may not say so (facts/hubspot.md 4: contacts by e-mail).
UNIQUE = frozenset({(System.HUBSPOT, "contacts", "email")})
#: Rules that ask which edit was the later one.
_BY_TIME = (Rule.TWO_WAY, Rule.MOST_COMPLETE, Rule.ASK)


#: In place of the type of a field at the end of a path, of an object that is not read.
_UNREAD = "?"
_UNCHECKED = Words(
    "the path leads to an object that is not read: its type cannot be checked",
    "読み取り対象外のオブジェクトへのパスのため、データ型を確認できません",
)


@dataclass(frozen=True)
class Place:
    """A CRM field of the mapping. `type`: as the CRM calls it; empty if it cannot be seen."""

    object: str
    name: str
    label: str
    type: str


@dataclass(frozen=True)
class Pairing:
    """One mapped field (or part of a group) and one pair of objects.

    `problem`: why the field is left out under its rule, empty if it is not; `verdict.gaps` are those that the rule
    meets.
    """

    kind: Kind
    field: str
    part: str
    label: Label
    rule: Rule
    hubspot: Place
    salesforce: Place
    verdict: Verdict
    problem: Words

    @property
    def fits(self) -> bool:
        return not self.problem.en


def pairings(mapping: KindMapping, schemas: Schemas, owners: Owners | None = None) -> list[Pairing]:
    """Every mapped field against both schemas, in the order of the mapping."""
    return [
        _pairing(mapping, field, part, hubspot, salesforce, schemas, owners)
        for field in mapping.fields
        for hubspot, salesforce in dict.fromkeys((pair.hubspot, pair.salesforce) for pair in mapping.counterparts)
        if field.has(hubspot) and field.has(salesforce)
        for part in range(len(field.parts))
    ]


def left_out(found: Iterable[Pairing]) -> frozenset[str]:
    """The fields that do not fit somewhere: they are planned nowhere."""
    return frozenset(pairing.field for pairing in found if not pairing.fits)


def schema_hash(schemas: Schemas) -> str:
    """Changes when a field of either CRM does: an approval is for the schemas that it was given under."""
    text = json.dumps(
        sorted((s, o, repr(sorted(fields.items()))) for (s, o), fields in schemas.items()), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_unique(system: System, object_: str, schema: FieldSchema) -> bool:
    """Whether two records of the CRM can never hold the same value of this field."""
    return schema.unique or (system, object_, schema.name) in UNIQUE


def _pairing(
    mapping: KindMapping,
    field: FieldMapping,
    part: int,
    hubspot: str,
    salesforce: str,
    schemas: Schemas,
    owners: Owners | None,
) -> Pairing:
    names = field.names(hubspot)[part], field.names(salesforce)[part]
    left = _described(schemas, System.HUBSPOT, hubspot, names[0])
    right = _described(schemas, System.SALESFORCE, salesforce, names[1])
    places = _place(hubspot, names[0], left), _place(salesforce, names[1], right)
    wanted = {s for s, o in ((System.HUBSPOT, hubspot), (System.SALESFORCE, salesforce)) if _writes(field, s, o)}
    if left is None or right is None:
        found = _invisible(places, left, right)
    elif _UNREAD in (left.type, right.type):
        found = Verdict(BOTH, _UNCHECKED)
    else:
        found = verdict(left, right, field.type, field.values, owners)
        found = replace(found, gaps=tuple(gap for gap in found.gaps if gap.to in wanted))
    if field.rule is Rule.RATCHET and found.writable:
        wanted &= found.writable  # what cannot be written still tells: an opt-out there reaches the other CRM
    problem = NOTHING if field.rule is Rule.DONT_SYNC else _problem(field, found, wanted, places, left, right)
    return Pairing(mapping.kind, field.name, field.parts[part].name, field.label, field.rule, *places, found, problem)


def _writes(field: FieldMapping, system: System, object_: str) -> bool:
    return may_write(field.rule, system) and not field.read_only(object_)


def _described(schemas: Schemas, system: System, object_: str, name: str) -> FieldSchema | None:
    """The description of a mapped field, None for one that cannot be seen. A relation is no field. A path is followed
    from look-up to look-up; where it leads to an object that is not read, nobody knows what it holds."""
    if is_relation(name):
        return FieldSchema(name, name, "relation")
    *relations, own = name.split(".")
    at = object_
    for relation in relations:
        look_up = schemas.get((system, at), {}).get(look_up_of(relation))
        at = relation if (system, relation) in schemas else look_up.references if look_up else ""
        if (system, at) not in schemas:
            return FieldSchema(name, name, _UNREAD)
    return schemas.get((system, at), {}).get(own)


def _place(object_: str, name: str, schema: FieldSchema | None) -> Place:
    if schema is None:
        return Place(object_, name, "", "")
    return Place(
        object_, name, schema.label, f"{schema.type}, {schema.field_type}" if schema.field_type else schema.type
    )


def _invisible(places: tuple[Place, Place], left: FieldSchema | None, right: FieldSchema | None) -> Verdict:
    gone = [
        f"{system.label} {place.object}.{place.name}"
        for system, place, schema in zip((System.HUBSPOT, System.SALESFORCE), places, (left, right), strict=True)
        if schema is None
    ]
    return Verdict(
        NEITHER,
        Words(
            f"{' and '.join(gone)} cannot be seen: it was removed, or this user lost the permission to read it",
            f"{'、'.join(gone)}が見えません。削除されたか、参照権限がありません",
        ),
        Words(
            "restore the field or the permission, or correct the mapping",
            "項目または権限を元に戻すか、マッピングを修正してください",
        ),
    )


def _problem(
    field: FieldMapping,
    found: Verdict,
    wanted: set[System],
    places: tuple[Place, Place],
    left: FieldSchema | None,
    right: FieldSchema | None,
) -> Words:
    """Why the field cannot be synced by its rule: the whole sentence, with what to do; empty if it can."""
    if left is None or right is None:
        return _sentence(found.why, found.to_do)
    both = Words(
        f"HubSpot {_named(places[0])} holds {shape(System.HUBSPOT, left)}, "
        f"Salesforce {_named(places[1])} {shape(System.SALESFORCE, right)}",
        f"HubSpot {_named(places[0])}は{shape(System.HUBSPOT, left).japanese}、"
        f"Salesforce {_named(places[1])}は{shape(System.SALESFORCE, right).japanese}です",
    )
    if not found.writable:
        return Words(f"{both.en}: {found.why.en}; {found.to_do.en}", f"{both.ja}。{found.why.ja}。{found.to_do.ja}")
    if not wanted <= found.writable:
        target = next(iter(found.writable))
        allowed = ", ".join(found.rules)
        return Words(
            f"{both.en}: that works from {target.other.label} to {target.label} only ({found.why.en}), and "
            f"{field.rule} writes both ways or the other way; allowed are {allowed}; or else {found.to_do.en}",
            f"互換性がありません：{both.ja}。{target.other.label}から{target.label}への一方向のみ可能ですが"
            f"（{found.why.ja}）、{field.rule}は双方向または逆方向です。使えるルール：{allowed}。{found.to_do.ja}",
        )
    if found.why is _UNCHECKED:
        return NOTHING
    if field.rule in _BY_TIME and (left.calculated or right.calculated):
        name = _named(places[0] if left.calculated else places[1])
        allowed = ", ".join(rule for rule in found.rules if rule not in _BY_TIME)
        return Words(
            f"{name} is calculated: it moves no time and cannot be a source of {field.rule}; allowed are {allowed}",
            f"{name}は計算項目で変更時刻がないため、{field.rule}の元になれません。使えるルール：{allowed}",
        )
    return NOTHING


def _sentence(why: Words, to_do: Words) -> Words:
    return Words(f"{why.en}; {to_do.en}", f"互換性がありません：{why.ja}。{to_do.ja}")


def _named(place: Place) -> str:
    return f"{place.object}.{place.name} ({place.label or place.name}: {place.type})"
