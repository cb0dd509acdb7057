"""What a mapping of these two CRMs could be: the default one as far as their fields allow, and pairs of own fields.

Belongs here: deciding, with a reason for everything that is not taken over as it is. Not here: writing it down
(written.py), the verdicts on types (plan/fit/).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crm_pipeline.config.field import CONSENT, HUBSPOT, LINES, FieldMapping, FieldType
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation, look_up_of
from crm_pipeline.connecting.definition import may_be_created
from crm_pipeline.connecting.values import suggested_values, without_unknown
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.fit.compatibility import Pairing, Schemas, pairings
from crm_pipeline.plan.fit.types import needed, shape
from crm_pipeline.plan.fit.verdict import Fit, Owners

#: Tried in this order where the types do not allow the rule of the default mapping.
_RULES = (Rule.PREFER_SALESFORCE, Rule.ALWAYS_SALESFORCE, Rule.ALWAYS_HUBSPOT)


@dataclass
class Suggestion:
    """A field as the YAML of a mapping says it. `active`: it fits; else it is commented out. `notes`: why, and what to
    look at; `types`: both sides with the verdict."""

    name: str
    raw: dict[str, Any]
    active: bool = True
    notes: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)


def fields(kind: KindMapping, raw: Mapping[str, Any], schemas: Schemas, owners: Owners) -> Iterator[Suggestion]:
    """The fields of the default mapping of a kind (`raw`: as its YAML says them), then pairs of own fields."""
    taken: set[tuple[str, str]] = set()
    for name, given in raw.items():
        suggestion = _of_default(kind, name, dict(given), schemas, owners)
        taken |= set(_names(kind, suggestion.raw))
        yield suggestion
    yield from _own(kind, {name.lower() for name in raw}, taken, schemas, owners)


def _of_default(kind: KindMapping, name: str, raw: dict[str, Any], schemas: Schemas, owners: Owners) -> Suggestion:
    left, missing = _visible(kind, raw, schemas)
    lines = _lines(left)
    if {_system(line) for line in lines} != set(System):
        return Suggestion(name, raw, active=False, notes=[_not_there(missing)])
    suggestion = Suggestion(name, left)
    if missing:
        suggestion.notes.append(_not_there(missing))
    return _fitted(kind, suggestion, schemas, owners)


def _fitted(kind: KindMapping, suggestion: Suggestion, schemas: Schemas, owners: Owners) -> Suggestion:
    """The suggestion with a rule that the types allow, and with a value map; or commented out."""
    wanted = suggestion.raw.get("rule")
    first: list[Pairing] = []
    for rule in dict.fromkeys((wanted, *_RULES)):
        raw = {**suggestion.raw, **({"rule": str(rule)} if rule else {})}
        found = _pairings(kind, suggestion.name, raw, schemas, owners)
        first = first or found
        if found and all(one.fits for one in found):
            if rule != wanted:
                suggestion.notes.append(f"{wanted or 'the usual rule'} is not possible here: {_problem(first)}")
            suggestion.raw = raw
            break
    else:
        suggestion.active = False
        suggestion.notes.append(_problem(first))
        found = first
    suggestion.types = list(dict.fromkeys(map(_typed, found)))
    if suggestion.active:
        _with_values(kind, suggestion, found, schemas, owners)
    return suggestion


def _with_values(
    kind: KindMapping, suggestion: Suggestion, found: Sequence[Pairing], schemas: Schemas, owners: Owners
) -> None:
    """Take values out of the map that are no options, or make a map by equal labels; what is left over is noted."""
    for one in found:
        if one.verdict.fit is not Fit.WITH_GAPS:
            continue
        left = schemas.get((System.HUBSPOT, one.hubspot.object), {}).get(one.hubspot.name)
        right = schemas.get((System.SALESFORCE, one.salesforce.object), {}).get(one.salesforce.name)
        if left is None or right is None or not (left.options and right.options):
            continue
        if "values" in suggestion.raw:
            values, dropped = without_unknown(suggestion.raw["values"], left, right)
        else:
            values, dropped = suggested_values(left, right), []
        raw = {key: value for key, value in suggestion.raw.items() if key != "values"}
        if values:
            raw["values"] = values
        if dropped:
            suggestion.notes.append(f"no option any more, taken out of values: {', '.join(dropped)}")
        if _pairings(kind, suggestion.name, raw, schemas, owners):
            suggestion.raw = raw
            break
    for one in _pairings(kind, suggestion.name, suggestion.raw, schemas, owners):
        if one.verdict.fit is Fit.WITH_GAPS and one.verdict.why.en not in suggestion.notes:
            suggestion.notes.append(one.verdict.why.en)


def _pairings(kind: KindMapping, name: str, raw: dict[str, Any], schemas: Schemas, owners: Owners) -> list[Pairing]:
    """The verdicts on a field; none for what is no field of a mapping."""
    try:
        mapped = FieldMapping.model_validate({"name": name, **raw})
    except ValidationError:
        return []
    return pairings(kind.model_copy(update={"fields": (mapped,)}), schemas, owners)


def _visible(kind: KindMapping, raw: dict[str, Any], schemas: Schemas) -> tuple[dict[str, Any], list[str]]:
    """The field without the lines of objects that lack it, and what is missing."""
    parts = raw.get("parts", {"": raw})
    missing: dict[str, list[str]] = {}
    for part in parts.values():
        for line in LINES & part.keys():
            object_ = kind.hubspot if line == HUBSPOT else line
            if not _is_there(schemas, _system(line), object_, str(part[line])):
                missing.setdefault(line, []).append(f"{object_}.{part[line]}")
    gone = [name for names in missing.values() for name in names]
    if "parts" in raw:
        less = {
            name: {key: value for key, value in part.items() if key not in missing}
            for name, part in raw["parts"].items()
        }
        return {**raw, "parts": less}, gone
    return {key: value for key, value in raw.items() if key not in missing}, gone


def _is_there(schemas: Schemas, system: System, object_: str, name: str) -> bool:
    """A path is judged by its first step."""
    known = schemas.get((system, object_))
    if known is None:
        return False
    return is_relation(name) or (look_up_of(name.partition(".")[0]) if "." in name else name) in known


def _system(line: str) -> System:
    return System.HUBSPOT if line == HUBSPOT or line[0].islower() else System.SALESFORCE


def _lines(raw: Mapping[str, Any]) -> set[str]:
    first = next(iter(raw["parts"].values())) if "parts" in raw else raw
    return set(LINES & first.keys())


def _names(kind: KindMapping, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(object, field) of every line."""
    for part in raw.get("parts", {"": raw}).values():
        yield from ((kind.hubspot if line == HUBSPOT else line, str(part[line])) for line in LINES & part.keys())


def _not_there(missing: Sequence[str]) -> str:
    names = [name.partition(".")[2] for name in missing]
    can = any(may_be_created(system, name) for name in names for system in System)
    advice = "; crm-pipeline setup creates it as soon as the line stands here" if can else ""
    return f"not there, or hidden: {', '.join(missing)}{advice}"


def _problem(found: Sequence[Pairing]) -> str:
    return next((one.problem.en for one in found if not one.fits), "it does not fit")


def _typed(one: Pairing) -> str:
    left, right = one.hubspot, one.salesforce
    fit = one.verdict.fit.replace("_", " ")
    return f"{left.object}.{left.name} ({left.type}) - {right.object}.{right.name} ({right.type}): {fit}"


def _own(
    kind: KindMapping, names: set[str], taken: set[tuple[str, str]], schemas: Schemas, owners: Owners
) -> Iterator[Suggestion]:
    """Pairs of fields that nobody has mapped: by name those that an administrator made, by label the others."""
    seen: set[str] = set()
    hubspot = schemas.get((System.HUBSPOT, kind.hubspot), {})
    for left in hubspot.values():
        if (kind.hubspot, left.name) in taken or left.name.startswith("hs_") or left.name == kind.key.hubspot:
            continue
        lines: dict[str, str] = {}
        same_name = True
        for object_ in kind.salesforce:
            theirs = [
                one
                for one in schemas.get((System.SALESFORCE, object_), {}).values()
                if (object_, one.name) not in taken and one.name not in CONSENT and one.selectable
            ]
            match = next((one for one in theirs if _plain(one.name) == _plain(left.name)), None)
            if match is None:
                match = next((one for one in theirs if _folded(one.label) == _folded(left.label)), None)
                same_name = same_name and match is None
            if match is not None and (left.updateable or match.updateable):
                lines[object_] = match.name
        if not lines or left.name in seen:
            continue
        seen.add(left.name)
        yield _pair(kind, left, lines, names, schemas, owners, same_name=same_name)


def _pair(
    kind: KindMapping,
    left: FieldSchema,
    lines: Mapping[str, str],
    names: set[str],
    schemas: Schemas,
    owners: Owners,
    *,
    same_name: bool,
) -> Suggestion:
    first = next(iter(lines))
    right = schemas[System.SALESFORCE, first][lines[first]]
    wanted = needed(shape(System.HUBSPOT, left), shape(System.SALESFORCE, right))
    label = {"en": left.label or left.name, "ja": right.label or left.label or left.name}
    raw: dict[str, Any] = {"label": label}
    if wanted and wanted[0] is not FieldType.TEXT:
        raw["type"] = str(wanted[0])
    raw |= {"rule": str(Rule.PREFER_SALESFORCE), HUBSPOT: left.name, **lines}
    name = left.name if left.name.lower() not in names else f"{left.name}_of_hubspot"
    suggestion = _fitted(kind, Suggestion(name, raw), schemas, owners)
    custom = all(one.endswith("__c") for one in lines.values())
    if suggestion.active and not (same_name and custom):
        suggestion.active = False
        why = "the same name" if same_name else "only the same label"
        suggestion.notes.insert(0, f"unsure: {why}; take the # away if it is the same thing")
    return suggestion


def _plain(name: str) -> str:
    return name.removesuffix("__c").replace("_", "").lower()


def _folded(label: str) -> str:
    return unicodedata.normalize("NFKC", label).strip().casefold()
