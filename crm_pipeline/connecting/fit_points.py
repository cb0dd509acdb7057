"""Points between the two CRMs: does every mapped field fit, and are both sandboxes or both production?

Not here: the verdicts (plan/fit/), points of one CRM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from crm_pipeline.config import Settings
from crm_pipeline.connecting.definition import may_be_created
from crm_pipeline.connecting.point import NOTHING, Point, State, Words
from crm_pipeline.crm.protocol import Account
from crm_pipeline.model import System
from crm_pipeline.plan.fit.compatibility import Pairing, Schemas, pairings
from crm_pipeline.plan.fit.verdict import Fit, Owners

_FIELDS = Words("mapped fields", "マッピング項目")
_BOTH = Words("sandbox or production", "Sandboxと本番")


def fields(
    settings: Settings, schemas: Schemas, owners: Owners, unreadable: Set[tuple[System, str]]
) -> Iterator[Point]:
    """A point for each field that does not fit or has gaps, one for all that do. Those of an object that cannot be read
    at all are left to its own point."""
    fit = 0
    same: dict[tuple[State, Words, Words], list[Pairing]] = {}
    for kind in settings.mapping.kinds:
        for pairing in pairings(kind, schemas, owners):
            sides = {(System.HUBSPOT, pairing.hubspot.object), (System.SALESFORCE, pairing.salesforce.object)}
            if sides & unreadable:
                continue
            if not pairing.fits:
                place = settings.mapping.place(kind.kind, pairing.field)
                to_do = _created(place) if _can_be_created(pairing) else Words(place, place)
                same.setdefault((State.FAILS, pairing.problem, to_do), []).append(pairing)
            elif pairing.verdict.fit is Fit.WITH_GAPS:
                same.setdefault((State.WARNING, pairing.verdict.why, pairing.verdict.to_do), []).append(pairing)
            else:
                fit += 1
    for (state, why, to_do), these in same.items():
        yield _point(these, state, why, to_do)
    words = Words(f"{fit} fit both CRMs without a gap", f"{fit}件は両CRMで問題ありません")
    yield Point(None, "fields", _FIELDS, State.OK, words)


def _can_be_created(pairing: Pairing) -> bool:
    """Whether one side cannot be seen, and setup would make it like the other (setup.py)."""
    sides = ((System.HUBSPOT, pairing.hubspot), (System.SALESFORCE, pairing.salesforce))
    unseen = [may_be_created(system, at.name) for system, at in sides if not at.type]
    return unseen == [True]


def _created(place: str) -> Words:
    return Words(
        f"crm-pipeline setup creates the field, or lets us see it; the mapping: {place}",
        f"crm-pipeline setup で作成（または権限付与）できます。マッピング：{place}",
    )


def _point(pairings: Sequence[Pairing], state: State, found: Words, to_do: Words) -> Point:
    """`pairings`: those of which the same is to be said."""
    first = pairings[0]
    part = "" if first.part == first.field else f".{first.part}"
    where = ", ".join(
        f"{one.hubspot.object}.{one.hubspot.name} - {one.salesforce.object}.{one.salesforce.name}" for one in pairings
    )
    named = Words(f"{first.label.en} ({where}): {found.en}", f"{first.label.ja}（{where}）：{found.ja}")
    return Point(None, f"field.{first.kind}.{first.field}{part}", _FIELDS, state, named, to_do)


def both(accounts: Mapping[System, Account], *, hubspot_is_production: bool) -> Point:
    """A sandbox on one side and production on the other is a trial that writes into real records."""
    production = {System.HUBSPOT: hubspot_is_production, System.SALESFORCE: not accounts[System.SALESFORCE].sandbox}
    if len(set(production.values())) == 1:
        what = (
            Words("both are production", "両方とも本番")
            if hubspot_is_production
            else Words("both are for trying things out", "両方ともテスト用")
        )
        return Point(None, "sandbox_or_production", _BOTH, State.OK, what, NOTHING)
    real = next(system for system, is_real in production.items() if is_real).label
    return Point(
        None,
        "sandbox_or_production",
        _BOTH,
        State.WARNING,
        Words(f"{real} is production, the other is not", f"{real}は本番、もう一方はテスト用です"),
        Words(
            f"a trial would write into real {real} records: connect two of a kind",
            f"試行でも{real}の本番レコードに書き込みます。種類を揃えてください",
        ),
    )
