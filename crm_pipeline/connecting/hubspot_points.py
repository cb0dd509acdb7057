"""Points that only HubSpot has: kind of account, edition, scopes, currencies, its own connector to Salesforce.

Not here: the calls (crm/hubspot/administration.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from crm_pipeline.connecting.account_points import SEVERAL_CURRENCIES
from crm_pipeline.connecting.point import NOTHING, Point, State, Words
from crm_pipeline.connecting.uses import Use
from crm_pipeline.crm.hubspot import administration
from crm_pipeline.crm.hubspot.administration import CONNECTOR_CLOCK, Portal
from crm_pipeline.crm.hubspot.client import HubSpotCrm
from crm_pipeline.model import System

_KIND = Words("kind of account", "アカウントの種類")
_EDITION = Words("edition", "エディション")
_SCOPES = Words("scopes", "スコープ")
_CURRENCY = Words("currencies", "通貨")
CONNECTOR = Words("HubSpot's own Salesforce connector", "HubSpot標準のSalesforce連携")
_RECENT = timedelta(days=2)  # its clock moves every 15 minutes where something changes
#: Daily calls that only Professional and above have (facts/hubspot.md 4).
_STARTER, _PROFESSIONAL = 250_000, 625_000


def points(crm: HubSpotCrm, portal: Portal, wanted: Sequence[Use]) -> Iterator[Point]:
    """Everything about the portal but its objects' fields."""
    kind = Words(
        f"{portal.kind}: {'production' if portal.production else 'for trying things out'}",
        f"{portal.kind}（{'本番' if portal.production else 'テスト用'}）",
    )
    yield Point(System.HUBSPOT, "kind", _KIND, State.OK, kind)
    yield _edition(portal)
    yield scopes(portal.scopes, wanted)
    if len(portal.currencies) > 1:
        listed = ", ".join(portal.currencies)
        yield Point(
            System.HUBSPOT,
            "currencies",
            _CURRENCY,
            State.WARNING,
            Words(
                f"several: {listed}; amounts are compared as numbers", f"複数通貨：{listed}。金額は数値として比較します"
            ),
            SEVERAL_CURRENCIES,
        )
    yield _connector(crm)


def _edition(portal: Portal) -> Point:
    limit = portal.calls[1] if portal.calls else 0
    guess = NOTHING
    if limit >= _PROFESSIONAL:
        guess = Words("Professional or above", "Professional以上")
    elif limit == _STARTER:
        guess = Words("Free or Starter", "FreeまたはStarter")
    found = (
        Words(
            f"{guess.en}, to judge by {limit:,} calls a day; every edition will do",
            f"{guess.ja}（1日{limit:,}コールから推定）。どのエディションでも利用できます",
        )
        if guess.en
        else Words(
            "not told by the API; every edition will do", "APIでは取得できません。どのエディションでも利用できます"
        )
    )
    return Point(System.HUBSPOT, "edition", _EDITION, State.OK if guess.en else State.UNSEEN, found)


def scopes(given: frozenset[str] | None, wanted: Sequence[Use]) -> Point:
    """Does the token have every scope that the mapping needs?"""
    own = [use for use in wanted if use.system is System.HUBSPOT]
    needed = administration.scopes_needed((u.object for u in own), (u.object for u in own if u.writes))
    if given is None:
        return Point(
            System.HUBSPOT,
            "scopes",
            _SCOPES,
            State.UNSEEN,
            Words("HubSpot does not tell those of this token", "このトークンのスコープは取得できません"),
            Words(
                f"compare with the app's list: {', '.join(needed)}",
                f"アプリの一覧と比較してください：{', '.join(needed)}",
            ),
        )
    missing = [one for one in needed if one not in given]
    if not missing:
        return Point(
            System.HUBSPOT,
            "scopes",
            _SCOPES,
            State.OK,
            Words(f"all {len(needed)} are there", f"必要な{len(needed)}件すべてあり"),
        )
    return Point(
        System.HUBSPOT,
        "scopes",
        _SCOPES,
        State.FAILS,
        Words(f"missing: {', '.join(missing)}", f"不足：{', '.join(missing)}"),
        Words(
            "Settings > Integrations > Service Keys (or Private Apps) > the app > Scopes: add them, or take the "
            "objects out of the mapping",
            "設定 > 連携 > サービスキー（または非公開アプリ）> スコープで追加するか、"
            "対象オブジェクトをマッピングから外してください",
        ),
    )


def _connector(crm: HubSpotCrm) -> Point:
    if not any(field.name == CONNECTOR_CLOCK for field in crm.schema("contacts")):
        return Point(System.HUBSPOT, "connector", CONNECTOR, State.OK, Words("was never connected", "未接続"))
    moved = administration.synced_since(crm.wire, "contacts", crm.server_time() - _RECENT)
    if not moved:
        return Point(
            System.HUBSPOT,
            "connector",
            CONNECTOR,
            State.OK,
            Words(
                "was connected once, and has synced no contact for two days",
                "過去に接続あり。直近2日間の同期はありません",
            ),
            NOTHING,
        )
    return Point(
        System.HUBSPOT,
        "connector",
        CONNECTOR,
        State.WARNING,
        Words(
            f"it is active ({moved:,} contacts in two days): two syncs write the same fields, and create records twice",
            f"稼働中（直近2日間で{moved:,}件）。同じ項目への二重書き込みやレコードの重複作成が起こります",
        ),
        Words(
            "Settings > Integrations > Connected Apps > Salesforce: pause it, or keep to fields and objects that it "
            "does not sync",
            "設定 > 連携 > 接続されたアプリ > Salesforce で停止するか、対象の項目・オブジェクトを分けてください",
        ),
    )
