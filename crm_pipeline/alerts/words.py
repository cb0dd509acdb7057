"""Alerts in words, English and Japanese: what it is, its causes, the query to look, the command to act.

Belongs here: sentences about one finding, without a value of a record (law 45). Not here: the message around them
(message.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from crm_pipeline.alerts.finding import Finding, Kind
from crm_pipeline.plan.guards import Guard
from crm_pipeline.report.plan import guard_words

Language = Literal["en", "ja"]

#: Guard -> Japanese.
_GUARDS = {
    "updates": "更新",
    "clears": "値の消去",
    "creates": "新規作成",
    "archives": "アーカイブ",
    "restores": "値の復元",
    "relinked": "紐付けの変更",
}


@dataclass(frozen=True)
class Said:
    """`look`: queries for `crm-pipeline sql`; `act`: commands, or what a person does elsewhere."""

    title: str
    causes: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    act: tuple[str, ...] = ()


def said(finding: Finding, language: Language, zone: ZoneInfo) -> Said:
    """A finding in words; times in the zone of the settings."""
    return _SAID[finding.kind](finding, language == "ja", zone)


def over(kind: Kind, subject: str, language: Language) -> str:
    """That something holds no longer."""
    return _OVER[kind][language == "ja"].format(subject)


def _failed(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    if facts["failed"] is None:
        cause = (
            "処理が途中で終了しました（強制終了、または電源断）"
            if ja
            else "its process was killed, or its machine went down"
        )
    else:
        cause = facts["failed"]
    step = [(f"ステップ: {facts['step']}" if ja else f"step: {facts['step']}")] if facts["step"] else []
    look = [] if not facts["step"] else [f"from state.step where run_id = {finding.run_id} order by started_at"]
    again = (
        "原因を直してから再実行してください（途中までの結果は残り、二重に書き込まれません）: crm-pipeline run"
        if ja
        else "correct what it names, then run again; what is done is kept, nothing is written twice: crm-pipeline run"
    )
    return Said("実行が失敗しました" if ja else "The run failed", (cause, *step), tuple(look), (again,))


def _late(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    since = _time(facts["until"], zone)
    title = f"{facts['hours']}時間、データが更新されていません" if ja else f"The data is {facts['hours']} hours old"
    cause = f"{facts['object']}の最終読み取り: {since}" if ja else f"{facts['object']} was read last at {since}"
    act = (
        "スケジュール「nightly」またはcronが有効か、前回の実行が止まっていないかを確認してください"
        if ja
        else "see whether the schedule (or cron) is on, and whether a run hangs; by hand: crm-pipeline run"
    )
    return Said(title, (cause,), ("from state.run order by run_id desc limit 5",), (act,))


def _incomplete(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    if facts["there"] is None:
        causes = ["CRMから読み取れませんでした" if ja else "it could not be read", facts["why"]]
    else:
        causes = [
            f"こちら{facts['here']:,}件、CRM {facts['there']:,}件"
            if ja
            else f"{facts['here']:,} here, {facts['there']:,} in the CRM"
        ]
    title = (
        f"{facts['object']}の読み取りが不完全です"
        if ja
        else f"{facts['object']} is incomplete: nothing is planned on it"
    )
    look = f"from raw.reconciliation where run_id = {finding.run_id}"
    act = (
        "連携ユーザーの参照権限を確認してから、全件を読み直してください: crm-pipeline run --preview --full"
        if ja
        else "check what the integration's user may see, then read everything: crm-pipeline run --preview --full"
    )
    return Said(title, tuple(filter(None, causes)), (look,), (act,))


def _plan_waits(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    causes = [_guard_ja(guard) if ja else guard_words(guard) for guard in facts["guards"]]
    expires = _time(facts["expires"], zone)
    causes.append(f"承認期限: {expires}" if ja else f"it expires at {expires}")
    if facts["undoes"]:
        causes.append(f"実行の取り消し: {facts['undoes']}" if ja else f"it is an undo of {facts['undoes']}")
    title = (
        f"計画{facts['hash']}が承認待ちです（{facts['changes']:,}件の書き込み、まだ送信していません）"
        if ja
        else f"Plan {facts['hash']} waits for approval: {facts['changes']:,} writes, none is sent"
    )
    look = (
        "select guard, system, object, subject, number, total, allowed from plan.guard "
        f"where plan_id = {finding.plan_id} and tripped"
    )
    act = (
        "crm-pipeline plan show",
        f"crm-pipeline approve {facts['hash']} --by {'氏名' if ja else 'YOUR_NAME'}",
        "crm-pipeline push",
    )
    return Said(title, tuple(causes), (look,), act)


def _guard_ja(guard: Guard) -> str:
    where = f"{guard.system.label} {guard.object}"
    if guard.guard == "first_run":
        return f"{where}: このマッピングの初回実行"
    subject = f"（{guard.subject}）" if guard.subject else ""
    total = "件数不明" if guard.total is None else f"{guard.total:,}件"
    what = f"{_GUARDS.get(guard.guard, guard.guard)}{subject}"
    return f"{where}: {what} {guard.number:,}件 / 紐付け済み{total}、許容 {guard.allowed}"


def _refused(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    title = (
        f"{facts['place']}: {finding.number:,}件の書き込みが拒否されています"
        if ja
        else f"{facts['place']}: {finding.number:,} {'write is' if finding.number == 1 else 'writes are'} refused"
    )
    look = (
        "select system, object, record_id, field, state, message from push.outbox "
        f"where code = '{facts['code']}' order by ended_at desc limit 20"
    )
    retry = f"crm-pipeline retry --code {facts['code']}" if facts["code"] else "crm-pipeline retry"
    act = (facts["action"], f"{'原因を直した後' if ja else 'when the cause is gone'}: {retry}")
    return Said(title, tuple(filter(None, [facts["ja" if ja else "en"]])), (look,), tuple(filter(None, act)))


def _unreadable(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    system, _, object_ = finding.facts["object"].partition(" ")
    title = (
        f"{finding.facts['object']}: {finding.number:,}件のレコードを読み込めません"
        if ja
        else f"{finding.facts['object']}: {finding.number:,} record{'s' * (finding.number != 1)} cannot be loaded"
    )
    look = (
        f"select record_id, reason from raw.quarantine where system = '{system.lower()}' and object = '{object_}' "
        "and released_run is null"
    )
    act = (
        "理由を確認し、CRMのレコードを直してください"
        if ja
        else "read the reasons, and correct the records in their CRM"
    )
    return Said(title, (), (look,), (act,))


def _unexplained(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    field = finding.facts["field"]
    title = (
        f"{field}: {finding.number:,}組の不一致に理由がありません"
        if ja
        else f"{field}: {finding.number:,} linked pair{'s' * (finding.number != 1)} differ and nothing says why"
    )
    look = f"from drift where reason = 'unexplained' and field = '{field.partition('.')[2]}' limit 20"
    act = (
        "`crm-pipeline why レコード` で確認し、不具合として報告してください"
        if ja
        else "look at one with crm-pipeline why, and report it: it is a defect"
    )
    return Said(title, (), (look,), (act,))


def _budget(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    title = (
        f"{facts['system']}のAPI呼び出し上限に近づいています"
        if ja
        else f"{facts['system']}'s API calls are nearly used up"
    )
    cause = (
        f"本日{facts['today']:,}回 / 1日{facts['limit']:,}回、設定上の上限 {facts['percent']:g} %"
        if ja
        else f"{facts['today']:,} of the day's {facts['limit']:,} calls are used, by all applications; the settings "
        f"stop us at {facts['percent']:g} %"
    )
    look = "select run_id, system, object, made, forecast from raw.call order by run_id desc, made desc limit 20"
    act = (
        "crm-pipeline forecast で必要な回数を確認し、他のアプリケーションの使用状況も確認してください"
        if ja
        else "see what a run needs with crm-pipeline forecast, and what other applications use"
    )
    return Said(title, (cause,), (look,), (act,))


def _duplicates(finding: Finding, ja: bool, zone: ZoneInfo) -> Said:
    facts = finding.facts
    title = f"{finding.subject}の重複が急に増えました" if ja else f"Duplicates in {finding.subject} have jumped"
    cause = (
        f"前回{facts['before']:,}件、今回{facts['now']:,}件"
        if ja
        else f"{facts['now']:,} records more than their customers need, {facts['before']:,} the run before"
    )
    act = (
        "取り込みやフォームで二重登録が起きていないか確認してください: crm-pipeline proposals"
        if ja
        else "see whether an import or a form brought them; who would be merged: crm-pipeline proposals"
    )
    return Said(title, (cause,), ("from duplicate_rate order by run_id desc limit 10",), (act,))


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


_SAID: Mapping[Kind, Callable[[Finding, bool, ZoneInfo], Said]] = {
    Kind.RUN_FAILED: _failed,
    Kind.LATE: _late,
    Kind.INCOMPLETE: _incomplete,
    Kind.PLAN_WAITS: _plan_waits,
    Kind.REFUSED: _refused,
    Kind.UNREADABLE: _unreadable,
    Kind.UNEXPLAINED: _unexplained,
    Kind.BUDGET: _budget,
    Kind.DUPLICATES: _duplicates,
}
#: Kind -> English, Japanese; of those whose end is told.
_OVER: Mapping[Kind, tuple[str, str]] = {
    Kind.RUN_FAILED: ("Runs come to their end again", "実行が正常に戻りました"),
    Kind.LATE: ("The data is up to date again", "データの更新が再開しました"),
    Kind.INCOMPLETE: ("{} is complete again", "{}の読み取りが完全になりました"),
    Kind.PLAN_WAITS: ("No plan waits for approval any more", "承認待ちの計画はなくなりました"),
    Kind.REFUSED: ("{}: nothing is refused any more", "{}: 拒否はなくなりました"),
    Kind.UNREADABLE: ("{}: every record can be loaded again", "{}: すべて読み込めるようになりました"),
    Kind.UNEXPLAINED: ("{}: every difference has a reason again", "{}: すべての不一致に理由が付きました"),
    Kind.BUDGET: ("{} has enough API calls again", "{}のAPI呼び出しに余裕が戻りました"),
}
