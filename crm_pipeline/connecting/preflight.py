"""The checklist before connecting: every point over the API, and nothing but reading.

Belongs here: which points there are, in which order, and that a failure of one hides no other. Not here: the points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from crm_pipeline.config import Settings
from crm_pipeline.connecting import account_points, customisation_points, fit_points, hubspot_points, salesforce_points
from crm_pipeline.connecting.live import REFUSED, owners
from crm_pipeline.connecting.point import Point, State, Words
from crm_pipeline.connecting.uses import Use, uses
from crm_pipeline.crm.hubspot import administration as hubspot
from crm_pipeline.crm.hubspot.administration import Portal
from crm_pipeline.crm.hubspot.client import HubSpotCrm
from crm_pipeline.crm.protocol import Account, Crm, FieldSchema
from crm_pipeline.crm.salesforce import administration as salesforce
from crm_pipeline.crm.salesforce.client import SalesforceCrm
from crm_pipeline.crm.salesforce.wire import Row
from crm_pipeline.errors import ConfigError, CrmError, CrmPipelineError, PermanentError, WarehouseError
from crm_pipeline.extract.forecast import forecast
from crm_pipeline.model import System
from crm_pipeline.plan.fit.stages import Stage, with_stages
from crm_pipeline.warehouse import Warehouse

_CONNECTION = Words("connection", "接続")
_OBJECTS = Words("access to objects", "オブジェクト権限")
_COST = Words("records and calls", "件数とコール数")

#: Makes the client of a CRM. Raises ConfigError for credentials that are missing or none.
Connect = Callable[[System], Crm]


@dataclass
class _Seen:
    """What was read so far."""

    accounts: dict[System, Account] = field(default_factory=dict)
    fields: dict[tuple[System, str], dict[str, FieldSchema]] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    owners: dict[System, dict[str, str]] = field(default_factory=dict)
    hidden: set[tuple[System, str]] = field(default_factory=set)
    portal: Portal | None = None


def preflight(connect: Connect, settings: Settings, warehouse: Warehouse) -> Iterator[Point]:
    """The points of HubSpot, of Salesforce, and between them, as they are found."""
    wanted = uses(settings.mapping)
    seen = _Seen()
    for system, of in ((System.HUBSPOT, _hubspot), (System.SALESFORCE, _salesforce)):
        own = [use for use in wanted if use.system is system]
        try:
            crm = connect(system)
            yield from of(crm, settings, own, seen)
            yield from _cost(crm, settings, warehouse)
        except (CrmError, ConfigError) as error:
            yield _failed(system, error)
    if len(seen.accounts) == len(System) and seen.portal:
        yield fit_points.both(seen.accounts, hubspot_is_production=seen.portal.production)
        schemas = with_stages(seen.fields, seen.stages)
        yield from fit_points.fields(settings, schemas, seen.owners, seen.hidden)


def _failed(system: System, error: CrmPipelineError) -> Point:
    """The error's own sentence says what to do."""
    return Point(system, "connection", _CONNECTION, State.FAILS, Words(str(error), str(error)))


def _connected(crm: Crm, settings: Settings, seen: _Seen) -> Iterator[Point]:
    account = crm.account()
    seen.accounts[crm.system] = account
    words = Words("the credentials are accepted", "認証に成功しました")
    yield Point(crm.system, "connection", _CONNECTION, State.OK, words)
    yield account_points.account(account, settings)
    yield account_points.zone(account, settings)


def _hubspot(crm: Crm, settings: Settings, wanted: list[Use], seen: _Seen) -> Iterator[Point]:
    assert isinstance(crm, HubSpotCrm)
    yield from _connected(crm, settings, seen)
    seen.portal = hubspot.portal(crm.wire)
    yield account_points.calls(crm.system, seen.portal.calls, settings)
    _read(crm, wanted, seen)
    if seen.portal.scopes is None:  # then only trying tells
        seen.hidden |= {(crm.system, use.object) for use in wanted if not _countable(crm, use.object)}
    try:
        yield from hubspot_points.points(crm, seen.portal, wanted)
    except PermanentError as error:
        yield _failed(crm.system, error)
    for use in wanted:
        if (crm.system, use.object) in seen.hidden:
            yield _hidden(use, hubspot.scope(use.object, "read"))
    known = _known(wanted, seen)
    yield from account_points.key_fields(known)
    yield from account_points.reads(known, settings)


def _salesforce(crm: Crm, settings: Settings, wanted: list[Use], seen: _Seen) -> Iterator[Point]:
    assert isinstance(crm, SalesforceCrm)
    yield from _connected(crm, settings, seen)
    organisation = salesforce.organisation(crm.wire)
    yield account_points.calls(crm.system, organisation.calls, settings)
    yield from salesforce_points.points(crm.wire, seen.accounts[crm.system], organisation)
    _read(crm, wanted, seen)
    described: dict[str, Row] = {
        use.object: crm.wire.describe(use.object) for use in wanted if (crm.system, use.object) not in seen.hidden
    }
    for use in wanted:
        yield salesforce_points.access(use, described.get(use.object))
    known = _known(wanted, seen)
    yield from account_points.key_fields(known)
    yield from account_points.reads(known, settings)
    for use, fields in known.items():
        if point := salesforce_points.required(use, fields, settings):
            yield point
    own: Mapping[str, dict[str, FieldSchema]] = {use.object: fields for use, fields in known.items()}
    mapped = {use.object: settings.mapping.own_fields(use.object) for use in wanted if use.writes}
    yield from customisation_points.features(own, mapped)
    labels = {use.object: str(described[use.object].get("label", "")) for use in known if use.writes}
    yield from customisation_points.rules(crm.wire, labels)
    yield customisation_points.connector(crm.wire, own)


def _read(crm: Crm, wanted: list[Use], seen: _Seen) -> None:
    """The fields, stages and users that this user sees."""
    for use in wanted:
        at = crm.system, use.object
        try:
            seen.fields[at] = {one.name: one for one in crm.schema(use.object)}
            if use.writes:
                seen.stages += (Stage(*at, one.pipeline_id, one.stage_id, one.label) for one in crm.stages(use.object))
        except PermanentError as error:
            if error.status not in REFUSED:
                raise
            seen.fields.pop(at, None)
            seen.hidden.add(at)
    try:
        seen.owners[crm.system] = owners(crm)
    except PermanentError as error:
        if error.status != 403:
            raise
        seen.owners[crm.system] = {}


def _countable(crm: Crm, object_: str) -> bool:
    try:
        crm.count(object_)
    except PermanentError as error:
        if error.status != 403:
            raise
        return False
    return True


def _known(wanted: list[Use], seen: _Seen) -> dict[Use, dict[str, FieldSchema]]:
    return {use: seen.fields[use.system, use.object] for use in wanted if (use.system, use.object) in seen.fields}


def _hidden(use: Use, scope: str) -> Point:
    return Point(
        use.system,
        f"access.{use.object}",
        _OBJECTS,
        State.FAILS,
        Words(f"{use.object} cannot be read", f"{use.object} を参照できません"),
        Words(
            f"give the token the scope {scope}, or take the object out of the mapping",
            f"スコープ {scope} を追加するか、マッピングから外してください",
        ),
    )


def _cost(crm: Crm, settings: Settings, warehouse: Warehouse) -> Iterator[Point]:
    """What the next run reads, and the calls that it takes."""
    try:
        found = forecast(warehouse, crm, settings)
    except WarehouseError as error:
        yield Point(crm.system, "cost", _COST, State.UNSEEN, Words(str(error), str(error)))
        return
    records = ", ".join(f"{line.object} {line.live:,}" for line in found.lines if line.route and line.live)
    of = f" of {found.daily_limit:,}" if found.daily_limit else ""
    of_ja = f"（1日 {found.daily_limit:,}）" if found.daily_limit else ""
    yield Point(
        crm.system,
        "cost",
        _COST,
        State.OK if found.sufficient else State.FAILS,
        Words(
            f"{records or 'no records'}; the next run reads with about {found.calls:,} calls{of} a day",
            f"{records or 'レコードなし'}。次回の読み取りは約{found.calls:,}コール{of_ja}",
        ),
        Words("", "") if found.sufficient else Words(str(found.shortage), str(found.shortage)),
    )
