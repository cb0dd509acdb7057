"""Points about what an organisation has made of Salesforce: special features, HubSpot's package, rules and flows.

Not here: the integration user's access (salesforce_points.py), the calls (crm/salesforce/administration.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from crm_pipeline.connecting.account_points import SEVERAL_CURRENCIES
from crm_pipeline.connecting.hubspot_points import CONNECTOR
from crm_pipeline.connecting.point import NOTHING, Point, State, Words
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.crm.salesforce import administration
from crm_pipeline.crm.salesforce.wire import Wire
from crm_pipeline.model import System

_RULES = Words("rules that may refuse or change writes", "書き込みに影響するルール")
_FEATURES = Words("special features", "特別な機能")


def features(found: Mapping[str, Mapping[str, FieldSchema]], mapped: Mapping[str, Sequence[str]]) -> Iterator[Point]:
    """Person accounts, several currencies, state and country picklists: told by the fields that they bring."""
    key = System.SALESFORCE
    if "IsPersonAccount" in found.get("Account", {}):
        yield Point(
            key,
            "features.person_accounts",
            _FEATURES,
            State.FAILS,
            Words(
                "person accounts are switched on: one person is an Account and a Contact there, which this version "
                "does not sync",
                "個人取引先が有効です。このバージョンでは同期できません",
            ),
            Words(
                "use an organisation without person accounts, or switch the writes into Account off",
                "個人取引先のない組織を使うか、Accountへの書き込みをオフにしてください",
            ),
        )
    if any("CurrencyIsoCode" in fields for fields in found.values()):
        yield Point(
            key,
            "features.currencies",
            _FEATURES,
            State.WARNING,
            Words(
                "several currencies: amounts are compared as numbers",
                "マルチ通貨が有効です。金額は数値として比較します",
            ),
            SEVERAL_CURRENCIES,
        )
    coded = [f"{o}.{n}" for o, names in mapped.items() for n in names if f"{n}Code" in found.get(o, {})]
    if coded:
        yield Point(
            key,
            "features.state_country",
            _FEATURES,
            State.WARNING,
            Words(
                f"state and country picklists: {', '.join(coded)} take listed names only",
                f"都道府県/国の選択リストが有効です。{', '.join(coded)} は登録値のみ受け付けます",
            ),
            Words(
                "write HubSpot's states and countries as Salesforce lists them; others are refused and reported, the "
                "rest goes on",
                "HubSpot側の都道府県・国をSalesforceの登録値に揃えてください。それ以外は拒否され報告されます",
            ),
        )


def connector(wire: Wire, found: Mapping[str, Mapping[str, FieldSchema]]) -> Point:
    """Is HubSpot's package installed?"""
    rows = administration.listed(
        wire, f"SELECT NamespacePrefix FROM PackageLicense WHERE NamespacePrefix = '{administration.CONNECTOR}'"
    )
    fields = any(name.startswith(f"{administration.CONNECTOR}__") for one in found.values() for name in one)
    if not rows and not fields:
        return Point(
            System.SALESFORCE,
            "connector",
            CONNECTOR,
            State.UNSEEN if rows is None else State.OK,
            Words("no trace of its package", "パッケージの痕跡はありません"),
            NOTHING
            if rows is not None
            else Words("Setup > Installed Packages", "設定 > インストール済みパッケージで確認してください"),
        )
    return Point(
        System.SALESFORCE,
        "connector",
        CONNECTOR,
        State.WARNING,
        Words(
            "its package is installed: while it is active, two syncs write the same fields",
            "パッケージがインストール済みです。稼働中は二重書き込みになります",
        ),
        Words(
            "make sure that it is paused in HubSpot (Settings > Integrations > Connected Apps)",
            "HubSpot側（設定 > 連携 > 接続されたアプリ）で停止していることを確認してください",
        ),
    )


_QUERIES = (
    (
        "validation rules",
        "入力規則",
        "SELECT EntityDefinitionId FROM ValidationRule WHERE Active = true",
        "EntityDefinitionId",
        True,
    ),
    (
        "duplicate rules",
        "重複ルール",
        "SELECT SobjectType FROM DuplicateRule WHERE IsActive = true",
        "SobjectType",
        False,
    ),
    (
        "flows",
        "フロー",
        "SELECT TriggerType, TriggerObjectOrEventLabel FROM FlowDefinitionView WHERE IsActive = true",
        "TriggerObjectOrEventLabel",
        False,
    ),
)


def rules(wire: Wire, labels: Mapping[str, str]) -> Iterator[Point]:
    """Active rules on the objects that are written. `labels`: object -> its label, by which flows name it."""
    by_name = {**{label: name for name, label in labels.items()}, **{name: name for name in labels}}
    for en, ja, query, column, tooling in _QUERIES:
        rows = administration.listed(wire, query, tooling=tooling)
        key = f"rules.{en.replace(' ', '_')}"
        if rows is None:
            yield Point(
                System.SALESFORCE,
                key,
                _RULES,
                State.UNSEEN,
                Words(f"{en} cannot be seen by this user", f"{ja}は参照できません"),
                Words(
                    f"look in Setup, or give it View Setup and Configuration: active {en} may refuse writes",
                    f"設定画面で確認するか、「設定・定義の参照」を付けてください（有効な{ja}は書き込みに影響します）",
                ),
            )
            continue
        on = Counter(by_name[str(row[column])] for row in rows if str(row[column]) in by_name)
        if not on:
            yield Point(
                System.SALESFORCE, key, _RULES, State.OK, Words(f"no active {en} on these objects", f"有効な{ja}なし")
            )
            continue
        listed = ", ".join(f"{name} {number}" for name, number in sorted(on.items()))
        yield Point(
            System.SALESFORCE,
            key,
            _RULES,
            State.WARNING,
            Words(f"active {en}: {listed}", f"有効な{ja}：{listed}"),
            Words(
                "what they refuse is reported record by record and nothing else stops: look whether they should hold "
                "for the sync",
                "拒否された書き込みはレコードごとに報告され、他は続行します。連携ユーザーにも適用すべきか確認してください",
            ),
        )
