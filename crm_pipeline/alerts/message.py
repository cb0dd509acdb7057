"""News as one message: a subject, and a plain text that a mail program and Slack both show well.

Pure. Not here: sentences about one finding (words.py), sending (slack.py, mail.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crm_pipeline.alerts.finding import Finding
from crm_pipeline.alerts.news import News
from crm_pipeline.alerts.words import Language, over, said

#: Causes, and findings of one message, that are written out; the rest is counted.
_MOST_CAUSES, _MOST = 6, 10


@dataclass(frozen=True)
class Message:
    """What a channel sends."""

    subject: str
    text: str


def message(news: News, language: Language, zone: ZoneInfo) -> Message:
    """What was found comes first, then what is over. Times in the given zone."""
    ja = language == "ja"
    first = said(news.begun[0], language, zone).title if news.begun else ""
    if not first:
        first = over(news.over[0].kind, news.over[0].subject, language)
    others = len(news.begun) + len(news.over) - 1
    more = (f"（ほか{others}件）" if ja else f" (and {others} more)") if others else ""
    parts = ["\n".join(_finding(one, language, zone)) for one in news.begun[:_MOST]]
    if len(news.begun) > _MOST:
        number = len(news.begun) - _MOST
        parts.append(f"ほか{number}件: crm-pipeline alerts" if ja else f"and {number} more: crm-pipeline alerts")
    if news.over:
        parts.append("\n".join(f"✔ {over(one.kind, one.subject, language)}" for one in news.over))
    return Message(f"[crm-pipeline] {first}{more}", "\n\n".join(parts) + "\n")


def trial(language: Language) -> Message:
    """To see that messages arrive."""
    text = (
        "通知のテストです。対応は不要です。"
        if language == "ja"
        else "A test: alerts arrive here. Nothing needs to be done."
    )
    return Message(f"[crm-pipeline] {text}", text + "\n")


def _finding(finding: Finding, language: Language, zone: ZoneInfo) -> Iterator[str]:
    ja = language == "ja"
    one = said(finding, language, zone)
    yield f"■ {one.title}"
    for cause in one.causes[:_MOST_CAUSES]:
        yield f"  - {cause}"
    if len(one.causes) > _MOST_CAUSES:
        number = len(one.causes) - _MOST_CAUSES
        yield f"  - ほか{number}件" if ja else f"  - and {number} more"
    for query in one.look:
        yield f'  {"確認" if ja else "look"}: crm-pipeline sql --warehouse "{query}"'
    for action in one.act:
        yield f"  {'対応' if ja else 'act'}: {action}"
    ids = [
        f"{'実行' if ja else 'run'} {finding.run_id}" if finding.run_id is not None else "",
        f"{'計画' if ja else 'plan'} {finding.plan_id}" if finding.plan_id is not None else "",
    ]
    if any(ids):
        yield f"  ({', '.join(filter(None, ids))})"
