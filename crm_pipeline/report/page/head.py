"""The top of the report: which run, how it ended, what needs a person, and the few numbers that everybody asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from crm_pipeline.model import OpState
from crm_pipeline.report.page.content import Report
from crm_pipeline.report.page.html import both, code, number, sentence, word


@dataclass(frozen=True)
class View:
    """A report and how it is shown: times in `zone`, values masked unless `in_full`."""

    report: Report
    zone: ZoneInfo
    in_full: bool

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"


def state(report: Report) -> tuple[str, str, str]:
    """(English, Japanese, style) of how the run stands."""
    run, plan = report.run, report.plan
    if run.outcome == "failed":
        return "failed", "失敗", "bad"
    if run.outcome == "stopped":
        return "stopped by a person", "人が中断", "bad"
    if run.outcome is None:
        return "not through", "未完了", "bad"
    if plan is not None and plan.waits:
        return "held: waits for approval", "保留：承認待ち", "wait"
    if run.is_preview:
        return "preview", "プレビュー", "wait"
    return "done", "完了", "good"


def head(view: View) -> Iterator[str]:
    report, run, plan = view.report, view.report.run, view.report.plan
    english, japanese, style = state(report)
    yield f'<h1>{both("Run", "実行")} {run.run_id} <span class="state {style}">{both(english, japanese)}</span></h1>'
    facts = [(both("began", "開始"), f"{view.time(run.started_at)} <small>{escape(str(view.zone))}</small>")]
    if (seconds := run.seconds) is not None:
        facts.append((both("took", "所要時間"), took(seconds)))
    if plan is not None:
        facts.append((word("Plan"), f"{plan.plan_id} <code>{escape(plan.hash)}</code> {word(plan.state)}"))
        if plan.approved_by:
            facts.append((word("approved by"), escape(plan.approved_by)))
    facts.append((both("report as of", "レポート作成"), view.time(report.made_at)))
    yield "<dl>" + "".join(f"<div><dt>{term}</dt><dd>{text}</dd></div>" for term, text in facts) + "</dl>"
    yield '<ul class="story">' + "".join(f"<li>{text}</li>" for text in _story(report)) + "</ul>"
    yield from _needs(report)
    yield from _tiles(report)


def took(seconds: float) -> str:
    """A duration as people say it."""
    whole = round(seconds)
    if whole < 60:
        return both(f"{seconds:.1f} s", f"{seconds:.1f}秒")
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return both(f"{minutes} min {rest} s", f"{minutes}分{rest}秒")
    return both(f"{minutes // 60} h {minutes % 60} min", f"{minutes // 60}時間{minutes % 60}分")


def _story(report: Report) -> Iterator[str]:
    """What happened, in a few sentences."""
    run, plan = report.run, report.plan
    if run.outcome is None:
        yield both(
            "The run is still at work, or its process was killed; run again, everything is taken up.",
            "実行中か、プロセスが強制終了しました。もう一度実行すると続きから再開します。",
        )
    if run.failed:
        yield f'<b class="bad">{both("It stopped:", "停止の理由：")}</b> {escape(run.failed)}'
    if plan is None:
        yield both("No plan was made: nothing was written.", "計画は作成されず、何も書き込んでいません。")
        return
    if plan.undoes:
        yield both(
            f"This takes back what run or record {plan.undoes} wrote, asked for by {plan.asked_by}.",
            f"{plan.asked_by} の依頼により、{plan.undoes} の書き込みを取り消します。",
        )
    if run.is_preview and not run.failed:
        yield both(
            "A preview: everything but writing to the CRMs.", "プレビュー：CRMへの書き込み以外をすべて行いました。"
        )
    if run.steps and not run.read_anything:
        yield both(
            "It sent a plan that was made before; nothing was read.", "作成済みの計画を送信しました（読み取りなし）。"
        )
    if any(guard.guard == "first_run" and guard.tripped for guard in report.guards):
        yield both(
            "The first run of this mapping: its plan is held until a person has seen it.",
            "このマッピングの初回です。計画は人が確認するまで必ず保留されます。",
        )
    if not plan.changes:
        yield both("Nothing to write: both CRMs agree.", "書き込みはありません。両方の CRM が一致しています。")
        return
    states = _states(report)
    if landed := states.pop(OpState.LANDED, 0):
        yield both(
            f"{_counted(landed, 'write', 'writes')} landed in the CRMs.", f"{landed:,}件の書き込みが反映されました。"
        )
    waits = states.pop(OpState.HELD_BY_GUARD, 0) + states.pop("planned", 0)
    if waits:
        yield both(
            f"{_counted(waits, 'write is', 'writes are')} planned and not sent.", f"{waits:,}件が計画済み、未送信です。"
        )
    if rest := sum(states.values()):
        yield both(
            f"{_counted(rest, 'write', 'writes')} did not go through or cannot be sent; the errors say why.",
            f"{rest:,}件は書き込めませんでした。理由はエラーの表にあります。",
        )
    if not landed and not waits:
        yield both("Nothing was left to send.", "送信できるものはありませんでした。")


def _needs(report: Report) -> Iterator[str]:
    yield f'<section class="needs{" none" if not report.needs else ""}" aria-labelledby="needs">'
    yield f'<h2 id="needs">{both("What needs a person now", "今、人の対応が必要なこと")}</h2>'
    if report.needs:
        yield "<ol>" + "".join(
            f"<li>{both(need.english, need.japanese)}{code(need.command)}</li>" for need in report.needs
        )
        yield "</ol>"
    elif report.run.is_newest:
        yield f"<p>{both('Nothing.', 'ありません。')}</p>"
    else:
        yield f"<p>{both('Later runs have their own report.', 'その後の実行のレポートをご覧ください。')}</p>"
    yield "</section>"


def _tiles(report: Report) -> Iterator[str]:
    mine = [one for one in report.reach if one.run_id == report.run.run_id]
    tiles: list[tuple[str, str]] = []
    if mine:
        tiles.append((number(max(one.total for one in mine)), both("customers", "顧客")))
    if report.matches is not None:
        tiles.append((number(sum(report.matches.linked.values())), both("new links", "新しい名寄せ")))
        tiles.append((number(sum(report.matches.waiting.values())), both("pairs in review", "確認待ちの組")))
    if report.plan is not None:
        states = _states(report)
        tiles.append((number(states.get(OpState.LANDED, 0)), both("writes landed", "反映された書き込み")))
        tiles.append(
            (number(sum(one.number for one in report.failures)), both("refused or cannot be sent", "書き込めないもの"))
        )
    if tiles:
        yield '<ul class="tiles">' + "".join(f"<li><b>{value}</b> {name}</li>" for value, name in tiles) + "</ul>"


def held_because(report: Report) -> Iterator[str]:
    """Why the plan is or was held, sentence by sentence."""
    if report.plan is not None and report.plan.why:
        yield f"<p>{both('It is held, or was, because of:', '保留の理由：')}</p><ul>"
        yield from (f"<li>{sentence(why)}</li>" for why in report.plan.why.split("; ") if why)
        yield "</ul>"


def _states(report: Report) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in report.written:
        found[one.state] = found.get(one.state, 0) + one.number
    return found


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
