"""Points that both CRMs have: which account it is, its zone, its calls, fields that are read, our key field.

Not here: what only one of them has (hubspot_points.py, salesforce_points.py), how fields fit (fit_points.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_pipeline.config import Settings
from crm_pipeline.connecting.point import NOTHING, Point, State, Words
from crm_pipeline.connecting.uses import Use
from crm_pipeline.crm.protocol import Account, FieldSchema
from crm_pipeline.extract.account import configured_account, same_account
from crm_pipeline.extract.schema.schema import readable
from crm_pipeline.model import System

ACCOUNT = Words("account", "アカウント")
ZONE = Words("time zone", "タイムゾーン")
CALLS = Words("API calls", "APIコール")
_READS = Words("fields that are read", "読み取り項目")
KEY = Words("unique key field", "ユニークキー項目")
SEVERAL_CURRENCIES = Words(
    "leave amounts out of the mapping, or keep deals in one currency",
    "金額をマッピングから外すか、取引を一つの通貨に揃えてください",
)
_SETUP = Words(
    "crm-pipeline setup shows what it would create, with --apply it does",
    "crm-pipeline setup で作成内容を確認し、--apply で作成してください",
)


def account(found: Account, settings: Settings) -> Point:
    """Is it the portal or organisation that the settings name?"""
    key, expected = configured_account(found.system, settings)
    known = found.account_id in found.name
    name = f"{found.name if known else f'{found.name} ({found.account_id})'}, {found.url}"
    if not expected:
        return Point(
            found.system,
            "account",
            ACCOUNT,
            State.WARNING,
            Words(f"{name}; the settings name none", f"{name}。設定に指定がありません"),
            Words(
                f"write {key}: {found.account_id} into the settings, and no other account is ever touched",
                f"設定に {key}: {found.account_id} と書くと、他のアカウントには接続しません",
            ),
        )
    if same_account(expected, found.account_id):
        return Point(
            found.system, "account", ACCOUNT, State.OK, Words(f"{name}, as in the settings", f"{name}（設定どおり）")
        )
    return Point(
        found.system,
        "account",
        ACCOUNT,
        State.FAILS,
        Words(f"{name}, and the settings say {key}: {expected}", f"{name}。設定では {key}: {expected} です"),
        Words(
            "correct the credentials or the setting; until then every run stops",
            "認証情報または設定を修正してください。それまで実行は停止します",
        ),
    )


def zone(found: Account, settings: Settings) -> Point:
    """Dates that become date-times, and the schedule, follow the settings' zone."""
    if found.time_zone == settings.time_zone:
        return Point(found.system, "time_zone", ZONE, State.OK, Words(found.time_zone, found.time_zone))
    return Point(
        found.system,
        "time_zone",
        ZONE,
        State.WARNING,
        Words(
            f"{found.time_zone}, and the settings say {settings.time_zone}",
            f"{found.time_zone}（設定は {settings.time_zone}）",
        ),
        Words(
            "dates that become date-times use the settings' zone: correct time_zone unless that is meant",
            "日付から日時への変換は設定のタイムゾーンで行います。意図と違う場合は time_zone を直してください",
        ),
    )


def calls(system: System, day: tuple[int, int] | None, settings: Settings) -> Point:
    """Is something left of the day?"""
    if day is None:
        where = "Settings > Integrations > API usage" if system is System.HUBSPOT else "Setup > Company Information"
        return Point(
            system,
            "calls",
            CALLS,
            State.UNSEEN,
            Words("how many are left today is not told", "本日の残数は取得できません"),
            Words(f"look at {where}", f"{where} で確認してください"),
        )
    used, limit = day
    share = settings.budget.organisation_percent
    numbers = Words(f"{used:,} of {limit:,} are used today", f"本日 {used:,} / {limit:,} 使用")
    if used < limit * share / 100:
        return Point(system, "calls", CALLS, State.OK, numbers)
    return Point(
        system,
        "calls",
        CALLS,
        State.FAILS,
        Words(f"{numbers.en}: no more than {share:g} % may be", f"{numbers.ja}（上限 {share:g} %）"),
        Words(
            "run tomorrow, or raise budget.organisation_percent",
            "明日実行するか、budget.organisation_percent を上げてください",
        ),
    )


def key_fields(found: dict[Use, dict[str, FieldSchema]]) -> Iterator[Point]:
    """Of the objects in which something is created: is our field there, unique and writable?"""
    for use, fields in found.items():
        if not use.key:
            continue
        name = f"{use.object}.{use.key}"
        field = fields.get(use.key)
        state, words, to_do = _key(use, name, field)
        yield Point(use.system, f"key.{use.object}", KEY, state, words, to_do)


def reads(found: dict[Use, dict[str, FieldSchema]], settings: Settings) -> Iterator[Point]:
    """What is read and not mapped (identity, `read`): a run stops at a field that is not there."""
    names = {use.object: fields.keys() for use, fields in found.items()}
    for use in found:
        mapped = {
            name
            for kind in settings.mapping.kinds_of(use.object)
            for one in kind.fields
            if one.has(use.object)
            for name in one.names(use.object)
        }
        _, absent = readable(settings.mapping.fields_read(use.system, use.object), use.object, names)
        missing = [name for name in absent if name not in mapped and name != use.key]
        if missing:
            listed = ", ".join(f"{use.object}.{name}" for name in missing)
            yield Point(
                use.system,
                f"reads.{use.object}",
                _READS,
                State.FAILS,
                Words(f"not there, or hidden: {listed}", f"存在しないか、見えません：{listed}"),
                Words(
                    "take them out of identity or read in the mapping, or let the integration's user see them",
                    "マッピングの identity または read から外すか、連携ユーザーに参照権限を付けてください",
                ),
            )


def _key(use: Use, name: str, field: FieldSchema | None) -> tuple[State, Words, Words]:
    if field is None:
        why = Words(f"{name} is not there", f"{name} がありません")
        if use.system is System.SALESFORCE:
            why = Words(
                f"{name} is not there, or hidden by field-level security",
                f"{name} がないか、項目レベルセキュリティで非表示です",
            )
        return State.FAILS, why, _SETUP
    if not field.unique:
        again = (
            Words(
                "HubSpot cannot change that later: archive the property, then crm-pipeline setup --apply; or name "
                "another one under key in the mapping",
                "HubSpotでは後から変更できません。アーカイブして crm-pipeline setup --apply を実行するか、"
                "マッピングの key に別の項目を書いてください",
            )
            if use.system is System.HUBSPOT
            else Words(
                f"Setup > Object Manager > {use.object} > Fields & Relationships > {use.key} > Edit: tick Unique and "
                "External ID",
                f"設定 > オブジェクトマネージャー > {use.object} > 項目とリレーション > {use.key} > 編集："
                "「ユニーク」と「外部ID」を有効にしてください",
            )
        )
        return (
            State.FAILS,
            Words(
                f"{name} is not unique: records could be created twice",
                f"{name} はユニークではなく、重複作成の恐れがあります",
            ),
            again,
        )
    if not (field.createable and field.type == "string"):
        return (
            State.FAILS,
            Words(f"{name} is no text that we may write", f"{name} は書き込めるテキスト項目ではありません"),
            Words(
                "make it a text, and editable for the integration's user",
                "テキスト型にし、連携ユーザーに編集権限を付けてください",
            ),
        )
    return State.OK, Words(name, name), NOTHING
