"""Does a HubSpot field fit a Salesforce field? Types, options and access, as one verdict with its reasons.

Belongs here: two fields as their CRMs describe them, with what the mapping says about their values. Not here: what a
rule wants of the verdict (compatibility.py), single values (translate.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crm_pipeline.config.field import FieldType, ValueMap
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import may_write
from crm_pipeline.plan.fit.types import BOTH, NEITHER, TO_HUBSPOT, Shape, Systems, fits, needed, shape


class Fit(StrEnum):
    """The verdicts of the specification's table."""

    COMPATIBLE = "compatible"
    WITH_GAPS = "compatible_with_gaps"
    TO_HUBSPOT = "one_way_to_hubspot"
    TO_SALESFORCE = "one_way_to_salesforce"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True)
class Words:
    """A sentence in both languages."""

    en: str
    ja: str


NOTHING = Words("", "")


@dataclass(frozen=True)
class Gap:
    """A value without a partner in the CRM that it would go to (an owner: by id); `unknown`: the value map names it,
    and that CRM has no such option."""

    to: System
    value: str
    unknown: bool = False


#: The users of both CRMs that are active: system -> user id -> e-mail address.
Owners = Mapping[System, Mapping[str, str]]


@dataclass(frozen=True)
class Verdict:
    """`writable`: the CRMs that may be written. `why` and `to_do` are empty where there is nothing to say."""

    writable: Systems
    why: Words = NOTHING
    to_do: Words = NOTHING
    gaps: tuple[Gap, ...] = ()

    @property
    def fit(self) -> Fit:
        if self.writable == BOTH:
            return Fit.WITH_GAPS if self.gaps else Fit.COMPATIBLE
        if not self.writable:
            return Fit.INCOMPATIBLE
        return Fit.TO_HUBSPOT if self.writable == TO_HUBSPOT else Fit.TO_SALESFORCE

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that write nothing but what may be written."""
        return tuple(rule for rule in Rule if {s for s in System if may_write(rule, s)} <= self.writable)


def verdict(
    hubspot: FieldSchema,
    salesforce: FieldSchema,
    type_: FieldType,
    values: ValueMap | None = None,
    owners: Owners | None = None,
) -> Verdict:
    """What may be written between two fields, why not more, and which values have no partner."""
    shapes = shape(System.HUBSPOT, hubspot), shape(System.SALESFORCE, salesforce)
    missing = _unmapped(salesforce, values)
    by_type = fits(*shapes, type_, whole_map=values is not None and not missing)
    wanted = needed(*shapes)
    if by_type and wanted and type_ not in wanted:
        return Verdict(NEITHER, *_wrong_type(shapes, type_, wanted))
    if not by_type:
        return Verdict(NEITHER, *_misfit(shapes, salesforce))
    closed = dict(_closed(hubspot, salesforce))
    writable = by_type - closed.keys()
    gaps = tuple(gap for gap in _gaps(shapes, hubspot, salesforce, values, owners) if gap.to in writable)
    said = [_one_way(shapes, missing if values else ())] if by_type != BOTH else []
    said += [(why, _OPEN) for system, why in closed.items() if system in by_type]
    if not said and gaps:
        said = [_gap_words(gaps, shapes)]
    why = Words("; ".join(why.en for why, _ in said), "。".join(why.ja for why, _ in said))
    return Verdict(writable, why, said[0][1] if said else NOTHING, gaps)


def _active(field: FieldSchema) -> dict[str, None]:
    """The values that can be chosen, in order."""
    return {option.value: None for option in field.options if option.active}


def _unmapped(salesforce: FieldSchema, values: ValueMap | None) -> tuple[str, ...]:
    """Salesforce's options that the value map does not lead to."""
    known = set(values.to_hubspot()) if values else set()
    return tuple(value for value in _active(salesforce) if value not in known)


def _closed(hubspot: FieldSchema, salesforce: FieldSchema) -> Iterator[tuple[System, Words]]:
    """CRMs in which the field cannot be written, whatever its type."""
    for system, field in ((System.HUBSPOT, hubspot), (System.SALESFORCE, salesforce)):
        name = f"{system.label} {field.name} ({field.label})"
        if field.calculated:
            yield (
                system,
                Words(
                    f"{name} is calculated: it cannot be written, and an edit of it has no time",
                    f"{name}は計算項目です。書き込めず、編集時刻もありません",
                ),
            )
        elif not field.updateable:
            yield system, Words(f"{name} is read-only for us", f"{name}は読み取り専用です")


def _gaps(
    shapes: tuple[Shape, Shape],
    hubspot: FieldSchema,
    salesforce: FieldSchema,
    values: ValueMap | None,
    owners: Owners | None,
) -> Iterator[Gap]:
    if shapes == (Shape.USER, Shape.USER):
        yield from _owner_gaps(owners or {})
    if shapes[1] not in (Shape.OPTION, Shape.OPTIONS):
        return
    theirs, ours = _active(hubspot), _active(salesforce)
    forth, back = (values.to_salesforce, values.to_hubspot()) if values else ({}, {})
    if ours:
        yield from (Gap(System.SALESFORCE, value) for value in theirs if forth.get(value, value) not in ours)
        yield from (Gap(System.SALESFORCE, value, unknown=True) for value in back if value not in ours)
    if theirs:
        yield from (Gap(System.HUBSPOT, value) for value in ours if back.get(value, value) not in theirs)
        yield from (Gap(System.HUBSPOT, value, unknown=True) for value in forth if value not in theirs)


def _owner_gaps(owners: Owners) -> Iterator[Gap]:
    for system in System:
        there = set(owners.get(system.other, {}).values())
        yield from (Gap(system.other, user) for user, mail in owners.get(system, {}).items() if mail not in there)


_OPEN = Words(
    "choose one of the allowed rules, or make the field writable for the integration's user",
    "許可されたルールに変更するか、連携ユーザーに項目の編集権限を付けてください",
)
_INCOMPATIBLE_TO_DO = Words(
    "change one of the types, map it to another field, or create a property for the sync",
    "どちらかのデータ型を変更するか、別の項目に対応付けるか、同期用のプロパティーを作成してください",
)


def _misfit(shapes: tuple[Shape, Shape], salesforce: FieldSchema) -> tuple[Words, Words]:
    why = Words(
        f"incompatible: {shapes[0]} does not fit {shapes[1]}",
        f"互換性がありません：{shapes[0].japanese}と{shapes[1].japanese}は対応付けられません",
    )
    if salesforce.type in ("address", "location"):
        return why, Words(
            "it is made of other fields: map those as the parts of a group",
            "複合項目です。構成する項目をグループのpartsとして対応付けてください",
        )
    return why, _INCOMPATIBLE_TO_DO


def _wrong_type(shapes: tuple[Shape, Shape], type_: FieldType, wanted: tuple[FieldType, ...]) -> tuple[Words, Words]:
    return (
        Words(
            f"the mapping says type: {type_}, and both hold {shapes[0] if shapes[0] is shapes[1] else 'dates'}",
            f"互換性がありません：マッピングのtypeが{type_}ですが、項目は{shapes[0].japanese}です",
        ),
        Words(f"write type: {wanted[0]} in the mapping", f"マッピングにtype: {wanted[0]}と書いてください"),
    )


def _one_way(shapes: tuple[Shape, Shape], missing: tuple[str, ...]) -> tuple[Words, Words]:
    left, right = shapes
    why = Words(
        f"{left} takes every {right}, not the other way round",
        f"{right.japanese}から{left.japanese}への一方向のみ対応しています",
    )
    if right in (Shape.OPTION, Shape.OPTIONS):
        lacking = f" (missing: {_listed(missing)})" if missing else ""
        lacking_ja = f"（不足：{_listed(missing)}）" if missing else ""
        return why, Words(
            f"use always_salesforce, make it a dropdown in HubSpot, or list every value under values{lacking}",
            f"always_salesforceにするか、HubSpotの項目をドロップダウンにするか、valuesにすべての値を書いてください{lacking_ja}",
        )
    if right is Shape.DATE:
        return why, Words(
            "use always_salesforce, or write type: date in the mapping: then the time of day does not count",
            "always_salesforceにするか、マッピングにtype: dateと書いてください（時刻は無視されます）",
        )
    if right in (Shape.REFERENCE, Shape.USER):
        return why, Words(
            "use always_salesforce with a path to its name, such as Account.Name, or type: reference with refers_to",
            "always_salesforceで名前へのパス（Account.Nameなど）にするか、type: referenceとrefers_toを指定してください",
        )
    return why, Words(
        "use always_salesforce, or change one of the types",
        "always_salesforceにするか、どちらかのデータ型を変更してください",
    )


def _gap_words(gaps: tuple[Gap, ...], shapes: tuple[Shape, Shape]) -> tuple[Words, Words]:
    """Words about values without a partner."""
    whys = [_of_gaps(system, [g.value for g in gaps if g.to is system and not g.unknown], shapes) for system in System]
    unknown = [f"{gap.to.label} {gap.value}" for gap in gaps if gap.unknown]
    if unknown:
        whys.append(
            Words(
                f"the value map names what is no option: {_listed(unknown)}",
                f"valuesに存在しない選択肢があります：{_listed(unknown)}",
            )
        )
    said = [why for why in whys if why.en]
    to_do = (
        Words("add users with the same e-mail addresses", "同じメールアドレスのユーザーを追加してください")
        if shapes[0] is Shape.USER
        else Words(
            "add the options there, or lines under values in the mapping; until then an operation with such a value is "
            "invalid",
            "選択肢を追加するか、マッピングのvaluesに行を追加してください。それまで該当する値の操作は無効になります",
        )
    )
    return Words("; ".join(why.en for why in said), "。".join(why.ja for why in said)), to_do


def _of_gaps(to: System, values: list[str], shapes: tuple[Shape, Shape]) -> Words:
    if not values:
        return NOTHING
    if shapes[0] is Shape.USER:
        return Words(
            f"{len(values)} of the users of {to.other.label} have no active user in {to.label}",
            f"{to.other.label}のユーザー{len(values)}名に対応する{to.label}の有効なユーザーがいません",
        )
    return Words(
        f"{to.label} has no option for {_listed(values)}", f"{to.label}に対応する選択肢がありません：{_listed(values)}"
    )


_LISTED = 10


def _listed(values: list[str] | tuple[str, ...]) -> str:
    more = f", +{len(values) - _LISTED}" if len(values) > _LISTED else ""
    return ", ".join(values[:_LISTED]) + more
