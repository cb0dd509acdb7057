"""The report as one file: no script, nothing that it loads, readable on a phone and on paper, light and dark.

Belongs here: the order of the parts, the frame around them. Not here: the parts themselves (head.py, customers.py,
writes.py, machine.py), the style (page.css).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from crm_pipeline.report.page import customers, machine, writes
from crm_pipeline.report.page.content import Report
from crm_pipeline.report.page.head import View, head
from crm_pipeline.report.page.html import both

Language = Literal["en", "ja"]

_STYLE = Path(__file__).with_name("page.css")
#: In the order of the page: what the boss asks first, what the operator looks up last.
_PARTS = (
    customers.reach,
    writes.errors,
    writes.outcome,
    writes.plan,
    writes.conflicts,
    customers.matches,
    customers.duplicates,
    writes.agreement,
    customers.quality,
    machine.read,
    machine.cost,
)
_CONTENTS = (
    ("reach", "reach", "連絡できる顧客"),
    ("errors", "errors", "エラー"),
    ("writes", "writes", "書き込み"),
    ("plan", "plan", "計画"),
    ("conflicts", "conflicts", "競合"),
    ("matches", "matches", "名寄せ"),
    ("duplicates", "duplicates", "重複"),
    ("agreement", "agreement", "一致"),
    ("quality", "data quality", "データ品質"),
    ("read", "what was read", "読み取り"),
    ("cost", "calls and time", "呼び出しと時間"),
)


def page(report: Report, zone: ZoneInfo, *, in_full: bool, language: Language = "en") -> Iterator[str]:
    """The page, piece by piece; `language` is shown first, a switch at the top shows the other one."""
    view = View(report, zone, in_full)
    checked = {name: " checked" if name == language else "" for name in ("en", "ja")}
    number = report.run.run_id
    yield (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{f'Run {number}' if language == 'en' else f'実行 {number}'} – crm-pipeline</title>"
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>"
        '<fieldset class="language"><legend>Language / 言語</legend>'
        f'<label><input type="radio" name="language" id="en"{checked["en"]}> English</label> '
        f'<label><input type="radio" name="language" id="ja"{checked["ja"]}> 日本語</label></fieldset>'
        "<main>"
    )
    yield from head(view)
    links = [
        f'<a href="#{name}">{both(english, japanese)}</a>'
        for name, english, japanese in _CONTENTS
        if name != "quality" or report.quality
    ]
    yield f"<nav>{' '.join(links)}</nav>"
    for shown in _PARTS:
        yield "<section>"
        yield from shown(view)
        yield "</section>"
    yield "</main></body></html>\n"
