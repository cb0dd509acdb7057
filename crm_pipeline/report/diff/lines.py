"""A plan's diff as lines: text for a terminal, Markdown for a pull request or a ticket.

Belongs here: layout of lines. Not here: the page for a browser (page.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm_pipeline.model import Act
from crm_pipeline.report import mask
from crm_pipeline.report import plan as plans
from crm_pipeline.report.diff.content import Conflict, Content, Group
from crm_pipeline.report.diff.sentences import sentence_ja
from crm_pipeline.report.diff.words import ja

#: What Markdown would read as markup.
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|~!&])")


def text(content: Content, *, in_full: bool, most: int | None) -> Iterator[str]:
    """Lines for a terminal; those of old values begin with `-`, of new ones with `+`. `most`: operations shown."""
    plan = content.plan
    yield f"plan {plan.plan_id}  {plan.hash}  {plan.state}"
    if plan.undoes:
        yield f"  takes back {plan.undoes}, asked for by {plan.asked_by}"
    for group in sorted(content.groups, key=lambda g: -len(g.changes)):
        field = group.field.name if group.field else "*"
        where = f"{group.system.label} {group.object}"
        rules = "/".join(sorted({change.rule for change in group.changes}))
        yield f"  {len(group.changes):>6,}  {where:<20} {group.operation:<8} {field:<14} {rules}"
    for system, number in content.calls.items():
        yield f"  {number:>6,}  calls to {system.label} to send it"
    for guard in content.guards:
        if guard.tripped:
            yield f"  held by a guard: {plans.guard_words(guard)}"
    left_out = (
        (plan.problems, "operations will not be sent"),
        (plan.incompatible, "mapped fields do not fit a CRM: crm-pipeline fields"),
        (plan.waiting, "records wait before they are created"),
        (plan.conflicts, "fields on which the CRMs disagree"),
    )
    yield from (f"  {number:>6,}  {what}" for number, what in left_out if number)
    shown = _riskiest(content)[:most]
    for change in shown:
        yield from _operation(change, content, in_full)
    if len(shown) < plan.changes:
        yield f"{len(shown)} of {plan.changes:,} operations, the riskiest first; --all shows all of them"
    if plan.waits:
        yield f"to approve it: crm-pipeline approve {plan.hash} --by YOUR_NAME"


def _riskiest(content: Content) -> list[plans.Change]:
    """All operations as report/plan.py orders them: groups keep that order among themselves."""
    sent = [change for group in content.groups for change in group.changes]
    return sent + [change for _, changes in content.refused for change in changes]


def _operation(change: plans.Change, content: Content, in_full: bool) -> Iterator[str]:
    yield from plans.diff([change], in_full=in_full)
    source = f", from {change.source}" if change.source else ""
    yield f"    {change.reason}{source}"
    pages = [page for key in (change.target, change.source) if key and (page := content.link(key))]
    yield from (f"    {page}" for page in pages)


def markdown(content: Content, *, in_full: bool) -> Iterator[str]:
    """Lines of a Markdown document, headings in both languages."""
    plan = content.plan
    yield f"# {_both('Undo' if plan.undoes else 'Plan')} {plan.plan_id}: `{plan.hash}`"
    yield ""
    yield f"- {_both('state')}: {_both(plan.state)}"
    if plan.undoes:
        yield f"- {_both('takes back run')}: {plan.undoes} ({_both('asked for by')} {plan.asked_by})"
    yield f"- {_both('made')}: {plan.created_at:%Y-%m-%d %H:%M} UTC"
    yield f"- {_both('expires')}: {plan.expires_at:%Y-%m-%d %H:%M} UTC"
    if plan.approved_by:
        yield f"- {_both('approved by')}: {plan.approved_by}"
    for system, number in content.calls.items():
        yield f"- {_both('API calls')}: {system.label} {number:,}"
    if not in_full:
        yield f"- {_both('Values are masked; --values shows them.')}"
    if not content.groups:
        yield ""
        yield _both("Nothing can be sent." if content.refused else "Nothing to write: both CRMs agree.")
    for group in content.groups:
        yield from _group(group, content, in_full)
    yield from _rest(content, in_full)


def _group(group: Group, content: Content, in_full: bool) -> Iterator[str]:
    field = f", {group.field.en} / {group.field.ja}" if group.field else ""
    yield ""
    yield f"## {group.system.label} {group.object}: {_both(group.operation)}{field} ({len(group.changes):,})"
    yield ""
    yield _row(map(_both, ("record", "now", "after", "rule", "reason", "source")))
    yield "| --- | --- | --- | --- | --- | --- |"
    for change in group.changes:
        before, after = values(change, in_full)
        source = _linked(change.source, content) if change.source else ""
        texts = map(_plain, (before, after, _rule(change.rule), _sentence(change.reason)))
        yield _row((_linked(change.target, content), *texts, source))


def _rest(content: Content, in_full: bool) -> Iterator[str]:
    if content.refused:
        yield from _section("Not sent")
        for why, changes in content.refused:
            yield f"- {_plain(_sentence(why))} ({len(changes):,}): " + ", ".join(
                f"{_linked(change.target, content)} {_plain(change.field)}" for change in changes
            )
    if content.waiting:
        yield from _section("Waiting")
        for reason, keys in content.waiting:
            yield f"- {_both(reason)} ({len(keys):,}): " + ", ".join(_linked(key, content) for key in keys)
    if content.left_out:
        yield from _section("Fields left out")
        yield from (f"- {_plain(name)}: {_plain(why)}" for name, why in content.left_out)
    if content.guards:
        yield from _section("Guards")
        yield _row(map(_both, ("guard", "number", "of", "allowed", "within")))
        yield "| --- | --- | --- | --- | --- |"
        for guard in content.guards:
            what = f"{guard.system.label} {guard.object} {_both(guard.guard)} {_plain(guard.subject)}".strip()
            total = _both("unknown") if guard.total is None else f"{guard.total:,}"
            yield _row((what, f"{guard.number:,}", total, guard.allowed, _both("no" if guard.tripped else "yes")))
    if content.conflicts:
        yield from _section("Conflicts")
        yield _row((_both("customer"), _both("field"), "Salesforce", "HubSpot", _both("why"), _both("winner")))
        yield "| --- | --- | --- | --- | --- | --- |"
        for conflict in content.conflicts:
            sides = conflict_sides(conflict, in_full)
            field = f"{conflict.field.en} / {conflict.field.ja}"
            texts = map(_plain, (*sides, _sentence(conflict.why)))
            yield _row((conflict.golden_id, _plain(field), *texts, _both(conflict.winner)))


def conflict_sides(conflict: Conflict, in_full: bool) -> tuple[str, str]:
    """(Salesforce's value and time, HubSpot's), times that are only a bound marked."""
    word = mask.shown if in_full else mask.masked
    sides = (conflict.salesforce, conflict.salesforce_at), (conflict.hubspot, conflict.hubspot_at)
    shown = []
    for parts, at in sides:
        value = "" if parts is None else " ".join(w for w in map(word, parts) if w != mask.BLANK) or mask.BLANK
        when = f" ({at:%Y-%m-%d %H:%M}{'' if conflict.certain else ', ' + ja('uncertain')})" if at else ""
        shown.append(value + when)
    return shown[0], shown[1]


def values(change: plans.Change, in_full: bool) -> tuple[str, str]:
    """(what stands there, what would stand there), each on one line; a new record names its fields."""
    if change.operation == Act.CREATE:
        return "", _named(change.new, change.needs, in_full)
    if change.operation == Act.ARCHIVE:
        return _named(change.old, {}, in_full), ""
    names = [*change.new, *change.needs]
    before = {name: change.old.get(name) for name in names} or change.old
    return mask.parts(before, in_full=in_full), plans.after(change, in_full=in_full) if names else ""


def _named(found: Mapping[str, Any], needs: Mapping[str, str], in_full: bool) -> str:
    word = mask.shown if in_full else mask.masked
    return ", ".join(
        [*(f"{name}: {word(value)}" for name, value in found.items()), *(f"{n}: → {g}" for n, g in needs.items())]
    )


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {_both(title)}"
    yield ""


def _both(word: str) -> str:
    return word.replace("_", " ") if ja(word) == word else f"{word.replace('_', ' ')} / {ja(word)}"


def _rule(name: str) -> str:
    return name if ja(name) == name else f"{name} / {ja(name)}"


def _sentence(english: str) -> str:
    japanese = sentence_ja(english)
    return english if japanese == english else f"{english} / {japanese}"


def _linked(key: str, content: Content) -> str:
    page = content.link(key)
    return f"[{_plain(key)}]({page})" if page else _plain(key)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(value: str) -> str:
    """A text that is no markup, whatever stands in it: it ends no cell and no line, and is no link."""
    return _MARKUP.sub(r"\\\1", " ".join(value.split()))
