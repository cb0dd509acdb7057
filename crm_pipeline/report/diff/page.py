"""A plan's diff as one page for a browser: one file, no script, no address that it loads from; light and dark.

Groups are folded, so that ten thousand operations open at once. Belongs here: HTML. Not here: its style (page.css).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from crm_pipeline.report import plan as plans
from crm_pipeline.report.diff.content import Content, Group, Name
from crm_pipeline.report.diff.lines import conflict_sides, values
from crm_pipeline.report.diff.sentences import sentence_ja
from crm_pipeline.report.diff.words import ja
from crm_pipeline.report.links import Link

_STYLE = Path(__file__).with_name("page.css")


def page(content: Content, *, in_full: bool) -> Iterator[str]:
    """The page, piece by piece. English is shown first; a switch at the top shows Japanese."""
    plan = content.plan
    title = "Undo" if plan.undoes else "Plan"
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} {plan.plan_id} {escape(plan.hash)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style>"
        '</head><body><nav><label><input type="radio" name="language" id="en" checked> English</label> '
        '<label><input type="radio" name="language" id="ja"> 日本語</label></nav>'
        f"<h1>{_word(title)} {plan.plan_id} <code>{escape(plan.hash)}</code> "
        f'<span class="state {plan.state}">{_word(plan.state)}</span></h1>'
    )
    yield from _head(content, in_full)
    yield from _guards(content)
    yield f"<h2>{_word('Operations')}</h2>"
    if not content.groups:
        yield f"<p>{_word('Nothing can be sent.' if content.refused else 'Nothing to write: both CRMs agree.')}</p>"
    for group in content.groups:
        yield from _group(group, content, in_full)
    yield from _rest(content, in_full)
    yield "</body></html>\n"


def _head(content: Content, in_full: bool) -> Iterator[str]:
    plan = content.plan
    facts = [
        ("takes back run", f"<code>{escape(plan.undoes)}</code>" if plan.undoes else ""),
        ("asked for by", escape(plan.asked_by or "")),
        ("made", f"{plan.created_at:%Y-%m-%d %H:%M} UTC"),
        ("expires", f"{plan.expires_at:%Y-%m-%d %H:%M} UTC"),
        ("approved by", escape(plan.approved_by or "")),
        ("held because", "<br>".join(sentence(reason) for reason in plan.why.split("; ") if reason)),
        ("API calls", ", ".join(f"{system.label} {number:,}" for system, number in content.calls.items())),
    ]
    yield "<dl>" + "".join(f"<dt>{_word(term)}</dt><dd>{text}</dd>" for term, text in facts if text) + "</dl>"
    if not in_full:
        yield f"<p class=note>{_word('Values are masked; --values shows them.')}</p>"


def _guards(content: Content) -> Iterator[str]:
    if not content.guards:
        return
    tripped = any(guard.tripped for guard in content.guards)
    yield _summary("Guards", len(content.guards), is_open=tripped)
    yield _headings("guard", "number", "of", "allowed", "within")
    for guard in content.guards:
        what = f"{guard.system.label} {escape(guard.object)} {_word(guard.guard)} {escape(guard.subject)}"
        total = _word("unknown") if guard.total is None else f"{guard.total:,}"
        within = _word("no" if guard.tripped else "yes")
        yield _cells((what, f"{guard.number:,}", total, escape(guard.allowed), within), "bad" if guard.tripped else "")
    yield "</table></details>"


def _group(group: Group, content: Content, in_full: bool) -> Iterator[str]:
    field = f" {_name(group.field)}" if group.field else ""
    title = f"{group.system.label} {escape(group.object)}: {_word(group.operation)}{field}"
    yield f'<details class="{group.operation}"><summary>{title} <b>{len(group.changes):,}</b></summary><table>'
    yield _headings("record", "now", "after", "rule", "reason", "source", table=False)
    for change in group.changes:
        yield operation(change, content.link, in_full)
    yield "</table></details>"


def operation(change: plans.Change, link: Link, in_full: bool, *more: str) -> str:
    """A row: record, what stands there, what would stand there, rule, reason, source, and what is added."""
    before, after = (escape(text) for text in values(change, in_full))
    source = linked(change.source, link) if change.source else ""
    why = rule(change.rule), sentence(change.reason)
    return _cells((linked(change.target, link), f"<del>{before}</del>", f"<ins>{after}</ins>", *why, source, *more))


def _rest(content: Content, in_full: bool) -> Iterator[str]:
    if content.refused:
        yield f"<h2>{_word('Not sent')}</h2>"
    for why, changes in content.refused:
        yield f"<details><summary>{sentence(why)} <b>{len(changes):,}</b></summary><table>"
        yield _headings("record", "now", "after", "rule", "reason", "source", "field", table=False)
        for change in changes:
            yield operation(change, content.link, in_full, _name(content.name(change.golden_id, change.field)))
        yield "</table></details>"
    if content.waiting:
        yield f"<h2>{_word('Waiting')}</h2>"
    for reason, keys in content.waiting:
        yield f"<details><summary>{_word(reason)} <b>{len(keys):,}</b></summary><ul>"
        yield "".join(f"<li>{linked(key, content.link)}</li>" for key in keys) + "</ul></details>"
    if content.conflicts:
        yield _summary("Conflicts", len(content.conflicts))
        yield _headings("customer", "field", "Salesforce", "HubSpot", "winner", "why")
        for conflict in content.conflicts:
            sides = (escape(side) for side in conflict_sides(conflict, in_full))
            name = _name(conflict.field)
            yield _cells((escape(conflict.golden_id), name, *sides, _word(conflict.winner), sentence(conflict.why)))
        yield "</table></details>"
    if content.left_out:
        yield _summary("Fields left out", len(content.left_out))
        yield _headings("field", "why")
        yield from (_cells((escape(name), escape(why))) for name, why in content.left_out)
        yield "</table></details>"


def _summary(title: str, number: int, *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{_word(title)} <b>{number:,}</b></summary>"


def _headings(*words: str, table: bool = True) -> str:
    cells = "".join(f"<th>{_word(word)}</th>" for word in words)
    return f"{'<table>' if table else ''}<tr>{cells}</tr>"


def _cells(cells: Iterable[str], style: str = "") -> str:
    return f"<tr{f' class={style}' if style else ''}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"


def linked(key: str, link: Link) -> str:
    """A record's key, leading to its page in the CRM where there is one."""
    address = link(key)
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(key)}</a>' if address else escape(key)


def _name(name: Name) -> str:
    return both(name.en, name.ja)


def _word(english: str) -> str:
    """A fixed word in both languages, one of which the page shows."""
    return both(english.replace("_", " "), ja(english).replace("_", " "))


def rule(name: str) -> str:
    """A rule by its name in the mapping, which stands behind the Japanese word as well."""
    return both(name, f"{ja(name)}（{name}）" if ja(name) != name else name)


def sentence(english: str) -> str:
    """A sentence of the plan stage in both languages."""
    return both(english, sentence_ja(english))


def both(english: str, japanese: str) -> str:
    """A text in both languages, one of which the page shows; neither is markup."""
    shown, other = escape(english), escape(japanese)
    return shown if shown == other else f'<span class=en>{shown}</span><span class=ja lang="ja">{other}</span>'
