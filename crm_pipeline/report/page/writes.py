"""The parts of the report about the plan: its operations, what became of them, errors, conflicts, agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from crm_pipeline.model import OpState
from crm_pipeline.report import mask
from crm_pipeline.report.diff.page import operation
from crm_pipeline.report.page import chart
from crm_pipeline.report.page.actions import action_ja
from crm_pipeline.report.page.changes import Group
from crm_pipeline.report.page.head import View, held_because
from crm_pipeline.report.page.html import Column, both, code, folded, linked, number, part, rule, sentence, table, word

#: How the columns of an operation are called.
_OPERATION = ("record", "now", "after", "rule", "reason", "source")
#: Reasons for not sending that are shown; some name a length or a value's field, so that there can be many.
_MOST_REASONS = 50
#: Above these shares of agreeing pairs a field is well, or wants a look.
_WELL, _FAIR = 0.95, 0.8


def plan(view: View) -> Iterator[str]:
    """The plan, field by field, the riskiest first."""
    report = view.report
    yield part("plan", "The plan, field by field", "計画（項目ごとの差分）")
    if report.plan is None:
        yield f"<p>{both('This run has no plan.', 'この実行に計画はありません。')}</p>"
        return
    yield from held_because(report)
    if not report.groups:
        yield f"<p>{word('Nothing to write: both CRMs agree.')}</p>"
        return
    if not view.in_full:
        yield f"<p class=note>{word('Values are masked; --values shows them.')}</p>"
    for group in report.groups:
        if not group.why:
            yield from folded(_title(view, group), _operations(view, group), style=group.operation)
    refused = [group for group in report.groups if group.why]
    if refused:
        yield f"<h3>{word('Not sent')}</h3>"
        for group in refused[:_MOST_REASONS]:
            title = f"{sentence(group.why)} <small>{group.system.label} {escape(group.object)}</small>"
            yield from folded(f"{title} <b>{number(group.number)}</b>", _operations(view, group))
    if rest := refused[_MOST_REASONS:]:
        operations = sum(group.number for group in rest)
        text = (
            f"{len(rest):,} more reasons, {operations:,} operations.",
            f"他に{len(rest):,}種類の理由、{operations:,}件。",
        )
        yield f"<p class=note>{both(*text)}</p>"
    note = both(
        f"All {report.plan.changes:,} operations, also for a ticket or as JSON:",
        f"全{report.plan.changes:,}件（チケット用や JSON も可）：",
    )
    yield f"<p class=note>{note}</p>"
    yield code(
        f"crm-pipeline plan show {report.plan.hash} --all\n"
        f'crm-pipeline sql "from plan.operation where plan_id = {report.plan.plan_id}"'
    )


def _title(view: View, group: Group) -> str:
    name = view.report.name(group.kind, group.field)
    field = "" if group.field == "*" else f" {both(name.en, name.ja)}"
    return f"{group.system.label} {escape(group.object)}: {word(group.operation)}{field} <b>{number(group.number)}</b>"


def _operations(view: View, group: Group) -> Iterator[str]:
    if group.changes:
        yield "<table class=diff><thead><tr>"
        yield "".join(f"<th scope=col>{word(name)}</th>" for name in _OPERATION) + "</tr></thead><tbody>"
        for change in group.changes:
            yield operation(change, view.report.link, view.in_full)
        yield "</tbody></table>"
    if group.number > len(group.changes):
        shown = len(group.changes)
        text = (
            f"{shown} of {group.number:,} are shown, the riskiest.",
            f"{group.number:,}件中{shown}件（リスクの高い順）。",
        )
        yield f"<p class=note>{both(*text)}</p>"


def outcome(view: View) -> Iterator[str]:
    """What became of the operations, by rule."""
    report = view.report
    yield part("writes", "Writes by rule and end state", "ルール別・結果別の書き込み")
    if not report.written:
        yield f"<p>{both('There was nothing to write.', '書き込みはありませんでした。')}</p>"
        return
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for one in report.written:
        states = rows.setdefault((one.system.label, one.rule), {})
        states[one.state] = states.get(one.state, 0) + one.number
    columns = (
        Column("CRM, rule", "CRM・ルール"),
        Column("planned", "計画", is_number=True),
        Column("landed", "反映済み", is_number=True),
        Column("the others", "その他"),
    )
    yield from table(
        ("Writes", "書き込み"),
        columns,
        (
            (
                f"{system} {rule(name)}",
                number(sum(states.values())),
                number(states.get(OpState.LANDED, 0)),
                ", ".join(f"{word(s)} {number(n)}" for s, n in states.items() if s != OpState.LANDED) or "–",
            )
            for (system, name), states in sorted(rows.items(), key=lambda one: -sum(one[1].values()))
        ),
    )


def errors(view: View) -> Iterator[str]:
    """By code, with what it means and what to do."""
    from crm_pipeline.push.refusals import refusal  # a stage: not while the code location loads

    report = view.report
    yield part("errors", "What did not go through, and what to do", "書き込めなかったものと対処")
    if not report.failures:
        yield f"<p>{both('Everything that was sent went through.', '送信したものはすべて反映されました。')}</p>"
        return
    columns = (
        Column("code", "コード"),
        Column("number", "件数", is_number=True),
        Column("what it means", "意味"),
        Column("what to do", "対処"),
        Column("for example", "例"),
    )
    rows = []
    for one in report.failures:
        known = refusal(one.system, one.code)
        is_code = one.code and " " not in one.code
        name = f"<code>{escape(one.code)}</code>" if is_code else sentence(one.code) if one.code else "–"
        rows.append(
            (
                f"{name}<br><small>{one.system.label}, {word(one.state)}</small>",
                number(one.number),
                both(known.meaning, known.meaning_ja),
                both(known.action.replace("`", ""), action_ja(known.action).replace("`", "")),
                "<br>".join(linked(key, report.link) for key in one.records),
            )
        )
    yield from table(("Errors by code", "コード別のエラー"), columns, rows)


def conflicts(view: View) -> Iterator[str]:
    """On what both sides disagree, and what waits for an answer."""
    report = view.report
    yield part("conflicts", "Conflicts", "競合")
    if report.conflicts is None:
        text = both(
            "The newest run's report has the conflicts as they are now.", "競合の現状は最新の実行のレポートにあります。"
        )
        yield f"<p class=note>{text}</p>"
        return
    if not report.conflicts:
        yield f"<p>{both('The CRMs disagree on nothing.', '競合はありません。')}</p>"
        return
    columns = (
        Column("kind", "種類"),
        Column("winner", "採用"),
        Column("number", "件数", is_number=True),
    )
    rows = ((word(kind), _winner(winner), number(n)) for (kind, winner), n in report.conflicts.items())
    yield from table(("Conflicts by kind", "種類別の競合"), columns, rows)
    if report.waiting:
        yield f"<h3>{both('Waiting for an answer', '回答待ち')}</h3>"
        of_waiting = (
            Column("customer", "顧客"),
            Column("field", "項目"),
            Column("Salesforce", "Salesforce"),
            Column("HubSpot", "HubSpot"),
            Column("why", "理由"),
        )
        waiting = []
        for one in report.waiting:
            name = report.name(one.golden_id.rpartition("-")[0], one.field)
            sides = _side(one.salesforce, view), _side(one.hubspot, view)
            waiting.append((escape(one.golden_id), both(name.en, name.ja), *sides, sentence(one.why)))
        yield from table(("Conflicts that wait", "回答待ちの競合"), of_waiting, waiting)
    yield code("crm-pipeline conflicts")


def _winner(system: str) -> str:
    return {"salesforce": "Salesforce", "hubspot": "HubSpot"}.get(system) or word(system)


def _side(parts: Sequence[Any] | None, view: View) -> str:
    if parts is None:
        return "–"
    return escape(mask.parts({str(n): part for n, part in enumerate(parts)}, in_full=view.in_full))


def agreement(view: View) -> Iterator[str]:
    """How many linked pairs hold the same, field by field, and what is in the way of the others."""
    report = view.report
    yield part("agreement", "Agreement of both CRMs", "両CRMの一致")
    if not report.agreement:
        yield f"<p>{both('It is measured when a run is published.', '実行の公開時に測定されます。')}</p>"
        return
    columns = (
        Column("field", "項目"),
        Column("rule", "ルール"),
        Column("pairs", "組", is_number=True),
        Column("agree", "一致"),
        Column("the others", "不一致の理由"),
    )
    rows = []
    for one in report.agreement:
        name = report.name(one.kind, one.field)
        style = "" if one.share >= _WELL else "fair" if one.share >= _FAIR else "lost"
        reasons = ", ".join(_reason(text) for text in one.in_the_way.split(", ") if text)
        bar = f"{chart.meter(one.share, style=style)}{one.share:.1%}"
        rows.append(
            (f"{word(one.kind)}: {both(name.en, name.ja)}", rule(one.rule), number(one.pairs), bar, reasons or "–")
        )
    yield from table(("Agreement by field", "項目別の一致"), columns, rows)


def _reason(text: str) -> str:
    """`120 waits for approval` in both languages."""
    count, _, english = text.partition(" ")
    return f"{word(english.replace(' ', '_'))} {number(int(count))}"
