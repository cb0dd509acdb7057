"""The parts of the report about the run itself: what was read, what it cost in calls, how long it took."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from crm_pipeline.flow import STAGES
from crm_pipeline.report.page import chart
from crm_pipeline.report.page.found import Read
from crm_pipeline.report.page.head import View, took
from crm_pipeline.report.page.html import Column, both, folded, number, part, table

#: Stages as people call them.
_STAGES = {
    "extract": ("reading", "読み取り"),
    "normalise": ("normalising", "正規化"),
    "match": ("matching", "名寄せ"),
    "golden": ("golden records", "ゴールデンレコード"),
    "plan": ("planning", "計画"),
    "push": ("writing", "書き込み"),
    "publish": ("publishing", "公開"),
}


def read(view: View) -> Iterator[str]:
    """Every object, counted here against the CRM's own count."""
    report = view.report
    yield part("read", "What was read", "読み取り")
    if not report.read:
        yield f"<p>{both('This run read nothing.', 'この実行では読み取りを行っていません。')}</p>"
        return
    full = [one for one in report.read if one.here or one.there or one.there is None or one.quarantined]
    empty = [one for one in report.read if one not in full]
    columns = (
        Column("object", "オブジェクト"),
        Column("here", "取り込み済み", is_number=True),
        Column("in the CRM", "CRMの件数", is_number=True),
        Column("new or changed", "新規・変更", is_number=True),
        Column("set apart", "読み込み不可", is_number=True),
        Column("reconciled", "照合"),
    )
    rows = (
        (
            f"{one.system.label} {escape(one.object)}",
            number(one.here),
            number(one.there),
            number(one.changed),
            number(one.quarantined),
            _verdict(one),
        )
        for one in full
    )
    yield from table(("Objects", "オブジェクト"), columns, rows)
    if empty:
        names = ", ".join(f"{one.system.label} {escape(one.object)}" for one in empty)
        yield f"<p class=note>{both('Read as well, without records:', '読み取ったがレコードなし：')} {names}</p>"


def _verdict(one: Read) -> str:
    if one.there is None:
        return f"<b class=bad>{both('could not be read', '読み取り不可')}</b> {escape(one.explained)}"
    if one.here == one.there:
        return f'<span class="good">✓ {both("complete", "一致")}</span>'
    return f"<b class=bad>{number(one.here - one.there)}</b> {escape(one.explained)}"


def cost(view: View) -> Iterator[str]:
    """Calls of the limits, and where the time went."""
    report = view.report
    yield part("cost", "Calls and time", "API呼び出しと時間")
    if report.calls:
        columns = (
            Column("CRM", "CRM"),
            Column("calls of this run", "この実行の呼び出し", is_number=True),
            Column("by everybody today", "本日の合計", is_number=True),
            Column("allowed a day", "1日の上限", is_number=True),
            Column("used", "使用率"),
        )
        rows = []
        for system, (made, today, limit) in report.calls.items():
            used = f"{chart.meter(today / limit)}{today / limit:.1%}" if limit else both("not told", "不明")
            rows.append((system.label, number(made), number(today or None), number(limit or None), used))
        yield from table(("Calls", "API呼び出し"), columns, rows)
    yield from _times(view)


def _times(view: View) -> Iterator[str]:
    steps = view.report.run.steps
    if not steps:
        text = both("How long its steps took was not noted.", "各段階の所要時間の記録はありません。")
        yield f"<p class=note>{text}</p>"
        return
    seconds = {stage: sum(step.seconds for step in steps if step.stage == stage) for stage in STAGES}
    whole = sum(seconds.values()) or 1.0
    rows = [
        (both(*_STAGES[stage]), took(spent), f"{chart.meter(spent / whole)}{spent / whole:.0%}")
        for stage, spent in seconds.items()
        if any(step.stage == stage for step in steps)
    ]
    columns = (Column("stage", "段階"), Column("took", "所要時間", is_number=True), Column("share", "割合"))
    yield from table(("Stages", "段階"), columns, rows)
    columns = (Column("step", "工程"), Column("began", "開始"), Column("took", "所要時間", is_number=True))
    rows = [
        (f"<code>{escape(one.name)}</code>", f"{one.started_at.astimezone(view.zone):%H:%M:%S}", took(one.seconds))
        for one in steps
    ]
    yield from folded(both("Every step", "すべての工程"), table(("Steps", "工程"), columns, rows))
