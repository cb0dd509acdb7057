"""The parts of the report about customers: whom one can reach, what was matched, duplicates, how good the data is."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from crm_pipeline.model import System
from crm_pipeline.report.page import chart
from crm_pipeline.report.page.evidence import words
from crm_pipeline.report.page.found import MOST_PAIRS, Duplicate, Pair
from crm_pipeline.report.page.head import View
from crm_pipeline.report.page.html import Column, both, code, folded, linked, number, part, sentence, table, word
from crm_pipeline.report.page.outcome import Reach

#: The guide's three questions, then the others: (CRM, capability) -> English, Japanese.
QUESTIONS = {
    (System.HUBSPOT, "mail"): ("Marketing can mail", "マーケティングがメールを送れる顧客"),
    (System.HUBSPOT, "pick by industry"): ("Marketing can pick by industry", "マーケティングが業種で絞り込める顧客"),
    (System.SALESFORCE, "phone"): ("Sales can phone", "営業が電話できる顧客"),
    (System.HUBSPOT, "phone"): ("HubSpot has a phone number", "HubSpotに電話番号がある顧客"),
    (System.SALESFORCE, "mail"): ("Salesforce has an e-mail address", "Salesforceにメールアドレスがある顧客"),
    (System.SALESFORCE, "pick by industry"): ("Salesforce has the industry", "Salesforceに業種がある顧客"),
}
_FIRST = 3


def reach(view: View) -> Iterator[str]:
    """Before and after, then over the last runs."""
    report = view.report
    yield part("reach", "Whom you can reach", "連絡できる顧客")
    mine = {(one.system, one.capability): one for one in report.reach if one.run_id == report.run.run_id}
    if not mine:
        yield f"<p>{both('It is measured when a run is published.', '実行の公開時に測定されます。')}</p>"
        return
    yield '<div class="cards">'
    for question, texts in list(QUESTIONS.items())[:_FIRST]:
        if question in mine:
            yield _card(
                mine[question], texts, [one for one in report.reach if (one.system, one.capability) == question]
            )
    yield "</div>"
    rows = [
        (
            both(*texts),
            number(mine[q].without_writes),
            number(mine[q].customers),
            _gained(mine[q]),
            number(mine[q].total),
        )
        for q, texts in QUESTIONS.items()
        if q in mine
    ]
    columns = (
        Column("question", "質問"),
        Column("without the pipeline", "パイプラインなし", is_number=True),
        Column("now", "現在", is_number=True),
        Column("gained", "増加", is_number=True),
        Column("all customers", "全顧客", is_number=True),
    )
    yield from folded(both("All numbers", "すべての数値"), table(("Reach in numbers", "連絡可能数"), columns, rows))


def _card(now: Reach, texts: tuple[str, str], history: list[Reach]) -> str:
    total = now.total or 1
    drawn = chart.lines(
        [
            ("was", [one.without_writes for one in history]),
            ("on", [one.customers for one in history]),
        ]
    )
    runs = both(
        f"over runs {history[0].run_id} to {history[-1].run_id}; dashed: without the pipeline",
        f"実行 {history[0].run_id} から {history[-1].run_id} の推移（破線：パイプラインなし）",
    )
    return (
        f'<div class="card"><h3>{both(*texts)}</h3><p class="big">{number(now.without_writes)} '
        f'<span class="arrow">→</span> <b>{number(now.customers)}</b> '
        f"<small>{both(f'of {now.total:,}', f'／{now.total:,}')}</small></p>"
        f"{chart.before_after(now.without_writes / total, now.customers / total)}"
        f'<p class="note">{_gained(now)} {both("because of the pipeline", "（パイプラインによる増加）")}</p>'
        + (f"{drawn}<p class=note>{runs}</p>" if drawn else "")
        + "</div>"
    )


def _gained(one: Reach) -> str:
    return f"{one.customers - one.without_writes:+,}"


def matches(view: View) -> Iterator[str]:
    """New links, the review, and duplicates inside a CRM."""
    report = view.report
    yield part("matches", "Matches", "名寄せ")
    if report.matches is None:
        yield _only_newest()
        return
    found = report.matches
    if found.linked:
        yield "<ul>"
        for (kind, by_person), count in found.linked.items():
            how = both("a person said so", "人の判断") if by_person else both("by the evidence alone", "根拠のみで自動")
            yield f"<li>{word(kind)}: <b>{number(count)}</b> {both('new links', '件の新しい名寄せ')}, {how}</li>"
        yield "</ul>"
        title = both(
            f"New links, the least sure {len(found.newest)}", f"新しい名寄せ（確度の低い順に{len(found.newest)}件）"
        )
        yield from folded(title, _pairs(view, found.newest, decided=True))
        yield from _all(sum(found.linked.values()), len(found.newest), "from matches where linked order by posterior")
    else:
        yield f"<p>{both('No new links in this run.', 'この実行で新しい名寄せはありません。')}</p>"
    waiting = sum(found.waiting.values())
    yield f'<h3>{both("Waiting in review", "確認待ち")} <span class="count">{number(waiting)}</span></h3>'
    if waiting:
        yield "<ul>"
        yield from (
            f"<li>{word(kind)}, {word(tier)}: <b>{number(n)}</b></li>" for (kind, tier), n in found.waiting.items()
        )
        yield "</ul>"
        yield from folded(
            both(f"The surest {len(found.surest)}", f"確度の高い順に{len(found.surest)}件"), _pairs(view, found.surest)
        )
        yield code("crm-pipeline review list\ncrm-pipeline review export review.csv")


def _pairs(view: View, pairs: tuple[Pair, ...], *, decided: bool = False) -> Iterator[str]:
    """`decided`: they are links, and by whom is of interest."""
    columns = [
        Column("records", "レコード"),
        Column("how sure", "確度", is_number=True),
        Column("evidence", "根拠"),
    ]
    columns += [Column("linked by", "判断")] if decided else []
    rows = []
    for pair in pairs:
        row = [
            f"{linked(pair.left_key, view.report.link)}<br>{linked(pair.right_key, view.report.link)}",
            f"{min(pair.posterior, 0.9999):.2%}",
            "<br>".join(both(*words(piece, in_full=view.in_full)) for piece in pair.evidence),
        ]
        by = escape(pair.decided_by) if pair.decided_by else both("the evidence", "根拠のみ")
        rows.append([*row, by] if decided else row)
    yield from table(("Pairs with their evidence", "組と根拠"), columns, rows)


def duplicates(view: View) -> Iterator[str]:
    """How many records of a CRM are the same customer, over time, and who should be merged."""
    report = view.report
    yield part("duplicates", "Duplicates inside a CRM", "CRM内の重複")
    mine = [one for one in report.duplicates if one.run_id == report.run.run_id]
    if mine:
        columns = (
            Column("CRM", "CRM"),
            Column("records", "レコード", is_number=True),
            Column("customers", "顧客", is_number=True),
            Column("too many", "重複", is_number=True),
            Column("over the last runs", "推移"),
        )
        rows = []
        for one in mine:
            trend = [d for d in report.duplicates if (d.system, d.kind) == (one.system, one.kind)]
            drawn = chart.lines([("lost", [d.records - d.customers for d in trend])])
            share = (one.records - one.customers) / one.records if one.records else 0.0
            more = f"{number(one.records - one.customers)} ({share:.1%})"
            rows.append(
                (f"{one.system.label} {word(one.kind)}", number(one.records), number(one.customers), more, drawn or "–")
            )
        yield from table(("Duplicates", "重複"), columns, rows)
    found = report.matches
    if found is None:
        yield _only_newest()
        return
    total = sum(found.duplicates.values())
    if not total:
        yield f"<p>{both('No merge is proposed.', '統合の提案はありません。')}</p>"
        return
    parts = ", ".join(f"{system.label} {escape(name)} {number(n)}" for (system, name), n in found.duplicates.items())
    proposed = both(
        "Pairs proposed for merging in their CRM, by a person; nothing is merged by the pipeline:",
        "CRM内での統合を提案している組（統合は人が行い、パイプラインは統合しません）：",
    )
    yield f"<p>{proposed} {parts}</p>"
    of_merges = (
        Column("keep", "残す"),
        Column("merge into it", "統合する"),
        Column("why it stays", "残す理由"),
        Column("fields that differ", "異なる項目"),
    )
    merges = (
        (
            linked(one.winner_key, report.link),
            linked(one.loser_key, report.link),
            sentence(one.reason),
            _fields(view, one) or both("none", "なし"),
        )
        for one in found.proposals
    )
    title = both(f"The first {len(found.proposals)}", f"最初の{len(found.proposals)}件")
    yield from folded(title, table(("Proposed merges", "統合の提案"), of_merges, merges))
    yield code("crm-pipeline proposals\ncrm-pipeline proposals --csv merges.csv")


def _fields(view: View, one: Duplicate) -> str:
    """The fields in which two records differ, as people call them."""
    names = [view.report.name(one.kind, field) for field in one.differ]
    return ", ".join(both(name.en, name.ja) for name in names)


def quality(view: View) -> Iterator[str]:
    """How many records have something usable in each field, the worst first."""
    report = view.report
    if not report.quality:
        return
    yield part("quality", "Data quality", "データ品質")
    columns = (
        Column("field", "項目"),
        Column("records", "レコード", is_number=True),
        Column("filled", "入力済み", is_number=True),
        Column("usable", "有効", is_number=True),
        Column("share", "割合"),
        Column("since the run before", "前回比", is_number=True),
    )
    rows = []
    for one in report.quality:
        name = report.name(one.kind, one.field)
        share = one.valid / one.records
        before = one.valid_before / one.records_before if one.valid_before is not None and one.records_before else None
        change = (
            "–"
            if before is None
            else both(f"{100 * (share - before):+.1f} points", f"{100 * (share - before):+.1f} ポイント")
        )
        field = f"{one.system.label} {word(one.kind)}: {both(name.en, name.ja)}"
        bar = f"{chart.meter(share)}{share:.1%}"
        rows.append((field, number(one.records), number(one.filled), number(one.valid), bar, change))
    worst = rows[:MOST_PAIRS]
    yield from table(("The fields with the most gaps", "欠けの多い項目"), columns, worst)
    if len(rows) > len(worst):
        title = both(f"The other {len(rows) - len(worst)}", f"その他{len(rows) - len(worst)}件")
        yield from folded(title, table(("The other fields", "その他の項目"), columns, rows[len(worst) :]))


def _all(total: int, shown: int, query: str) -> Iterator[str]:
    """Where the rest is, if there is one."""
    if total > shown:
        more = both(f"{shown} of {total:,}. All of them:", f"{total:,}件中{shown}件。すべて見るには：")
        yield f"<p class=note>{more}</p>"
        yield code(f'crm-pipeline sql "{query}"')


def _only_newest() -> str:
    text = both(
        "The database keeps this as it is now only: see the report of the newest run.",
        "データベースには現在の状態だけがあります。最新の実行のレポートをご覧ください。",
    )
    return f"<p class=note>{text}</p>"
