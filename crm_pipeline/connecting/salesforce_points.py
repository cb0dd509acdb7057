"""Points that only Salesforce has: edition, the user's permissions, access to objects, required fields.

Not here: what it has made of Salesforce (customisation_points.py), the calls (crm/salesforce/administration.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crm_pipeline.config import Settings
from crm_pipeline.connecting.point import NOTHING, Point, State, Words
from crm_pipeline.connecting.uses import Use
from crm_pipeline.crm.protocol import Account, FieldSchema
from crm_pipeline.crm.salesforce import administration
from crm_pipeline.crm.salesforce.administration import Organisation
from crm_pipeline.crm.salesforce.wire import Row, Wire
from crm_pipeline.model import System

_EDITION = Words("edition", "エディション")
_USER = Words("permissions of the user", "ユーザー権限")
_ACCESS = Words("access to objects", "オブジェクト権限")
_REQUIRED = Words("required fields", "必須項目")
_WITHOUT_API = ("Professional Edition", "Team Edition", "Essentials Edition")

_ALL_DATA = ("PermissionsViewAllData", "PermissionsModifyAllData")
#: What only setup needs.
_SETUP = {
    "PermissionsCustomizeApplication": Words("Customize Application", "アプリケーションのカスタマイズ"),
    "PermissionsManageProfilesPermissionsets": Words(
        "Manage Profiles and Permission Sets", "プロファイルと権限セットの管理"
    ),
}


def points(wire: Wire, account: Account, organisation: Organisation) -> Iterator[Point]:
    """Everything about the organisation but its objects."""
    kind = Words("a sandbox", "Sandbox") if account.sandbox else Words("production", "本番組織")
    lacks = organisation.edition in _WITHOUT_API
    yield Point(
        System.SALESFORCE,
        "edition",
        _EDITION,
        State.WARNING if lacks else State.OK,
        Words(f"{organisation.edition}, {kind.en}", f"{organisation.edition}（{kind.ja}）"),
        Words("this edition has the API only as an extra", "このエディションではAPIは追加オプションです")
        if lacks
        else NOTHING,
    )
    yield from _permissions(administration.permissions(wire, (*_ALL_DATA, *_SETUP)))


def _permissions(given: Mapping[str, bool]) -> Iterator[Point]:
    if not given:
        words = Words("they cannot be seen", "取得できません")
        look = Words(
            "Setup > Users > the integration user > View Summary",
            "設定 > ユーザー > 連携ユーザー > サマリーで確認してください",
        )
        yield Point(System.SALESFORCE, "permissions", _USER, State.UNSEEN, words, look)
        return
    if not any(given.get(name) for name in _ALL_DATA):
        yield Point(
            System.SALESFORCE,
            "permissions.sharing",
            _USER,
            State.WARNING,
            Words(
                "without View All Data, record sharing may hide records",
                "「すべてのデータの参照」がなく、共有設定でレコードが見えない恐れがあります",
            ),
            Words(
                "give the permission set View All (and Modify All where it writes) on the synced objects, or share "
                "every record",
                "対象オブジェクトに「すべて表示」（書き込み先は「すべて変更」）を付けるか、全レコードを共有してください",
            ),
        )
    else:
        yield Point(
            System.SALESFORCE, "permissions.sharing", _USER, State.OK, Words("sees every record", "全レコード参照可")
        )
    lacks = [words for name, words in _SETUP.items() if not given.get(name)]
    if lacks:
        en, ja = " and ".join(one.en for one in lacks), "、".join(one.ja for one in lacks)
        yield Point(
            System.SALESFORCE,
            "permissions.setup",
            _USER,
            State.OK,
            Words(
                f"lacks {en}: only crm-pipeline setup needs that, no run does",
                f"{ja} なし（crm-pipeline setup のみ必要、通常の実行には不要）",
            ),
        )
    yield Point(
        System.SALESFORCE,
        "permissions.connector",
        _USER,
        State.OK,
        Words(
            "HubSpot Integration permission set, Modify Metadata and Download AppExchange Packages are not needed",
            "HubSpot Integration権限セット、「メタデータの変更」、AppExchangeパッケージのダウンロード権限は不要です",
        ),
    )


def access(use: Use, described: Row | None) -> Point:
    """May the user read, create and edit the records of an object, as the mapping wants?"""
    key = f"access.{use.object}"
    if described is None:
        return Point(
            System.SALESFORCE,
            key,
            _ACCESS,
            State.FAILS,
            Words(f"{use.object} cannot be seen", f"{use.object} が見えません"),
            Words(
                f"give the integration user's permission set Read on {use.object}, or take it out of the mapping",
                f"連携ユーザーの権限セットで {use.object} の「参照」を有効にするか、マッピングから外してください",
            ),
        )
    wanted = (
        ("queryable", Words("Read", "参照"), True),
        ("createable", Words("Create", "作成"), use.create),
        ("updateable", Words("Edit", "編集"), use.update),
    )
    missing = [word for name, word, needed in wanted if needed and not described.get(name)]
    has = _joined([word for name, word, needed in wanted if needed])
    if not missing:
        return Point(
            System.SALESFORCE, key, _ACCESS, State.OK, Words(f"{use.object}: {has.en}", f"{use.object}：{has.ja}")
        )
    lacks = _joined(missing)
    return Point(
        System.SALESFORCE,
        key,
        _ACCESS,
        State.FAILS,
        Words(f"{use.object}: {lacks.en} is missing", f"{use.object}：{lacks.ja} がありません"),
        Words(
            f"Setup > Permission Sets > CRM Pipeline > Object Settings > {use.object}: tick {lacks.en}",
            f"設定 > 権限セット > CRM Pipeline > オブジェクトの設定 > {use.object}：{lacks.ja} を有効にしてください",
        ),
    )


def _joined(words: Sequence[Words]) -> Words:
    return Words(", ".join(one.en for one in words), "・".join(one.ja for one in words))


def required(use: Use, fields: Mapping[str, FieldSchema], settings: Settings) -> Point | None:
    """Fields without which Salesforce creates no record, and which the mapping does not fill."""
    filled = set(settings.mapping.own_fields(use.object)) | {use.key}
    for kind in settings.mapping.kinds_of(use.object):
        for pair in kind.pairs:
            filled |= set(pair.only) if pair.salesforce == use.object else set()
    missing = [one.name for one in fields.values() if one.required_on_create and one.name not in filled]
    if not use.create or not missing:
        return None
    listed = ", ".join(missing)
    return Point(
        System.SALESFORCE,
        f"required.{use.object}",
        _REQUIRED,
        State.FAILS,
        Words(
            f"{use.object}: {listed}: required, and not mapped",
            f"{use.object}：{listed} は必須ですがマッピングにありません",
        ),
        Words(
            "map them, with default_on_create where HubSpot has no value, or switch creating off",
            "マッピングに追加（値がない場合は default_on_create）するか、作成をオフにしてください",
        ),
    )
