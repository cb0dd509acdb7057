"""Fields that the mapping needs and a CRM does not have yet: which, and making them.

Belongs here: the list of steps, and doing those that the API can do. Not here: what a field looks like (definition.py),
the calls (crm/*/administration.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product

from crm_pipeline.config import Settings
from crm_pipeline.config.relation import is_relation
from crm_pipeline.connecting import definition as definitions
from crm_pipeline.connecting.definition import Definition
from crm_pipeline.connecting.point import NOTHING, Words
from crm_pipeline.connecting.uses import uses
from crm_pipeline.crm.hubspot import administration as hubspot
from crm_pipeline.crm.hubspot.client import HubSpotCrm
from crm_pipeline.crm.protocol import Crm, FieldSchema
from crm_pipeline.crm.salesforce import administration as salesforce
from crm_pipeline.crm.salesforce.client import SalesforceCrm
from crm_pipeline.errors import DailyLimitError, PermanentError, SafetyError
from crm_pipeline.extract.account import configured_account, require_account
from crm_pipeline.model import System
from crm_pipeline.plan.decision.decide import may_write


class Doing(StrEnum):
    """What a step is. `by_hand`: the API cannot, or may not, do it."""

    THERE = "there"
    CREATE = "create"
    GRANT = "grant"
    BY_HAND = "by hand"


@dataclass(frozen=True)
class Step:
    """One field of one object. `words`: what it will be, or what to click."""

    system: System
    object: str
    name: str
    doing: Doing
    words: Words = NOTHING
    definition: Definition = field(default_factory=dict, repr=False)

    @property
    def place(self) -> str:
        return f"{self.object}.{self.name}"


@dataclass(frozen=True)
class _Wanted:
    """A field that there must be. `unique`: our key."""

    system: System
    object: str
    name: str
    definition: Definition
    unique: bool


def refuse_other_accounts(crms: Mapping[System, Crm], settings: Settings, *, applying: bool) -> None:
    """Raises SafetyError unless both accounts are those of the settings, which must name them for a change."""
    for system, crm in crms.items():
        account = crm.account()
        require_account(account, settings)
        key, expected = configured_account(system, settings)
        if applying and not expected:
            raise SafetyError(
                f"the settings do not say which {system.label} account may be changed: write {key}: "
                f"{account.account_id} into them first"
            )


def steps(crms: Mapping[System, Crm], settings: Settings, permission_set: str) -> list[Step]:
    """What is there and what is to be done, in the order in which it is done. Reads only."""
    schemas = {
        (use.system, use.object): {one.name: one for one in crms[use.system].schema(use.object)}
        for use in uses(settings.mapping)
        if use.writes
    }
    portal, organisation = crms[System.HUBSPOT], crms[System.SALESFORCE]
    assert isinstance(portal, HubSpotCrm)
    assert isinstance(organisation, SalesforceCrm)
    once: dict[tuple[System, str, str], _Wanted] = {}  # mapped twice, it is made once all the same
    for one in _wanted(settings, schemas):
        once.setdefault((one.system, one.object, one.name), one)
    wanted = list(once.values())
    found = list(_in_hubspot(portal, schemas, [one for one in wanted if one.system is System.HUBSPOT]))
    theirs = [one for one in wanted if one.system is System.SALESFORCE]
    found += _in_salesforce(organisation, schemas, theirs, permission_set)
    return found


def applied(crms: Mapping[System, Crm], found: Sequence[Step], permission_set: str) -> Iterator[Step]:
    """Do what can be done, one by one; a refused step comes back as one to be done by hand, and the others go on."""
    portal, organisation = crms[System.HUBSPOT], crms[System.SALESFORCE]
    assert isinstance(portal, HubSpotCrm)
    assert isinstance(organisation, SalesforceCrm)
    for step in found:
        try:
            if step.doing is Doing.CREATE and step.system is System.HUBSPOT:
                hubspot.create_property(portal.wire, step.object, step.definition)
            elif step.doing is Doing.CREATE:
                salesforce.create_field(organisation.wire, step.object, step.name, step.definition)
            elif step.doing is Doing.GRANT:
                set_id = salesforce.permission_set(organisation.wire, permission_set) or ""
                salesforce.grant(organisation.wire, set_id, step.object, step.name)
            yield step
        except DailyLimitError:
            raise
        except PermanentError as error:
            yield replace(step, doing=Doing.BY_HAND, words=Words(str(error), str(error)))


def _wanted(settings: Settings, schemas: Mapping[tuple[System, str], Mapping[str, FieldSchema]]) -> Iterator[_Wanted]:
    for use in uses(settings.mapping):
        if use.key:
            yield _Wanted(use.system, use.object, use.key, definitions.key(use.system, use.key), unique=True)
    for kind in settings.mapping.kinds:
        for mapped in kind.fields:
            objects = [at for at in kind.objects if at in schemas and mapped.has(at[1])]
            for number, (system, object_) in product(range(len(mapped.parts)), objects):
                name = mapped.names(object_)[number]
                if is_relation(name) or not definitions.may_be_created(system, name):
                    continue
                known = schemas[system, object_].get(name)
                writes = may_write(mapped.rule, system) and not mapped.read_only(object_)
                rightless = known is not None and writes and not (known.updateable or known.calculated)
                if known is not None and not (rightless and system is System.SALESFORCE):
                    continue
                far_first = sorted(objects, key=lambda at: at[0] is system)
                sources = ((of, schemas[of, at].get(mapped.names(at)[number])) for of, at in far_first)
                source = next(((of, one) for of, one in sources if one is not None), None)
                if source is not None:
                    made = definitions.counterpart(system, name, mapped.label.ja, *source)
                    yield _Wanted(system, object_, name, made, unique=False)


def _in_hubspot(
    crm: HubSpotCrm, schemas: Mapping[tuple[System, str], Mapping[str, FieldSchema]], wanted: Sequence[_Wanted]
) -> Iterator[Step]:
    scopes = crm.wire.token_info().get("scopes")
    for one in wanted:
        known = schemas[one.system, one.object].get(one.name)
        step = Step(one.system, one.object, one.name, Doing.THERE, definition=one.definition)
        what = definitions.words(one.system, one.definition)
        scope = hubspot.schema_scope(one.object)
        if known is not None and one.unique and not known.unique:
            yield replace(
                step,
                doing=Doing.BY_HAND,
                words=Words(
                    "it is not unique, which HubSpot cannot change: archive it (Settings > Properties), then run this "
                    "again",
                    "ユニークではなく、HubSpotでは変更できません。設定 > プロパティーでアーカイブしてから"
                    "再実行してください",
                ),
            )
        elif known is not None:
            yield step
        elif scopes is not None and scope not in scopes:
            yield replace(
                step,
                doing=Doing.BY_HAND,
                words=Words(
                    f"Settings > Properties > {one.object} > Create property: internal name {one.name}, {what.en}; or "
                    f"give the token the scope {scope} and run this again",
                    f"設定 > プロパティー > {one.object} > プロパティーを作成：内部名 {one.name}、{what.ja}。"
                    f"またはスコープ {scope} を追加して再実行してください",
                ),
            )
        else:
            yield replace(step, doing=Doing.CREATE, words=what)


def _in_salesforce(
    crm: SalesforceCrm,
    schemas: Mapping[tuple[System, str], Mapping[str, FieldSchema]],
    wanted: Sequence[_Wanted],
    permission_set: str,
) -> Iterator[Step]:
    may = salesforce.permissions(
        crm.wire, ("PermissionsCustomizeApplication", "PermissionsManageProfilesPermissionsets")
    )
    set_id = salesforce.permission_set(crm.wire, permission_set)
    grants = bool(set_id) and may.get("PermissionsManageProfilesPermissionsets", True)
    defined: set[tuple[str, str]] = set()
    for one in wanted:
        known = schemas[one.system, one.object].get(one.name)
        step = Step(one.system, one.object, one.name, Doing.THERE, definition=one.definition)
        if known is not None and one.unique and not known.unique:
            yield replace(step, doing=Doing.BY_HAND, words=_tick(one))
            continue
        if known is not None and known.updateable:
            yield step
            continue
        at = salesforce.defined_on(one.object), one.name
        exists = known is not None or at in defined or salesforce.custom_field(crm.wire, one.object, one.name)
        if not exists:
            creates = exists is not None and may.get("PermissionsCustomizeApplication", True)
            what = definitions.words(one.system, one.definition)
            yield replace(
                step, doing=Doing.CREATE if creates else Doing.BY_HAND, words=what if creates else _new(one, what)
            )
            defined.add(at)
        if grants:
            yield replace(step, doing=Doing.GRANT, words=_granted(permission_set))
        else:
            yield replace(step, doing=Doing.BY_HAND, words=_open(one, permission_set))
    if set_id and wanted and not salesforce.is_assigned(crm.wire, set_id):
        user = Words(
            f"Setup > Permission Sets > {permission_set} > Manage Assignments: add the integration user, unless this "
            "is an administrator's login",
            f"設定 > 権限セット > {permission_set} > 割り当ての管理：連携ユーザーを追加してください"
            "（管理者でログイン中の場合は不要）",
        )
        yield Step(System.SALESFORCE, "PermissionSet", permission_set, Doing.BY_HAND, user)


def _granted(permission_set: str) -> Words:
    return Words(
        f"read and edit, by the permission set {permission_set}", f"権限セット {permission_set} に参照・編集権限を付与"
    )


def _tick(one: _Wanted) -> Words:
    where = salesforce.defined_on(one.object)
    return Words(
        f"Setup > Object Manager > {where} > Fields & Relationships > {one.name} > Edit: tick Unique and External ID",
        f"設定 > オブジェクトマネージャー > {where} > 項目とリレーション > {one.name} > 編集："
        "「ユニーク」「外部ID」を有効に",
    )


def _new(one: _Wanted, what: Words) -> Words:
    where, name = salesforce.defined_on(one.object), one.name.removesuffix("__c")
    return Words(
        f"Setup > Object Manager > {where} > Fields & Relationships > New: field name {name}, {what.en}; or give the "
        "user Customize Application and View Setup and Configuration for the time of the setup",
        f"設定 > オブジェクトマネージャー > {where} > 項目とリレーション > 新規：項目名 {name}、{what.ja}。"
        "または設定時のみ「アプリケーションのカスタマイズ」「設定・定義の参照」を付けてください",
    )


def _open(one: _Wanted, permission_set: str) -> Words:
    return Words(
        f"Setup > Permission Sets > {permission_set} > Object Settings > {one.object} > Edit: {one.name}: tick Read "
        "and Edit (make the permission set first if there is none)",
        f"設定 > 権限セット > {permission_set} > オブジェクトの設定 > {one.object} > 編集："
        f"{one.name} の参照・編集を有効に（権限セットがなければ先に作成）",
    )
