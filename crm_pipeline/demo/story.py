"""The demo's figures in words that a manager understands.

Belongs here: Figures -> what is printed. Not here: where the figures come from (figures.py), the sequence (run.py).
"""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crm_pipeline.demo.figures import Deals, Example, Figures
from crm_pipeline.model import Rule, System

_TIERS = (("recommended", "recommended to accept"), ("possible", "possible"))
_RULES: dict[str, str] = {
    "create": "the record was not there yet",
    Rule.PREFER_SALESFORCE: "Salesforce unless blank",
    Rule.ALWAYS_SALESFORCE: "always Salesforce",
    Rule.PREFER_HUBSPOT: "HubSpot unless blank",
    Rule.ALWAYS_HUBSPOT: "always HubSpot",
    Rule.TWO_WAY: "latest value, both ways",
    Rule.MOST_COMPLETE: "most complete value",
}
#: One query to try on the published copy: the guide's campaign.
QUERY = "select name, e_mail, company from customer_360 where industry = '製造業' and hubspot_mailable limit 10"


def tell(figures: Figures, published: Path) -> RenderableType:
    """The whole story; `published` is the DuckDB file for analysts."""
    return Group(
        _heading("What changed"),
        _reach(figures),
        _heading("Who is the same customer"),
        _matches(figures),
        *(_example(example) for example in figures.examples),
        _heading("What was written"),
        _writes(figures),
        _heading("Deals, tickets and activities"),
        _deals(figures.deals),
        _heading("What waits for a person"),
        _waiting(figures),
        _heading("Is anything left to do"),
        _rest(figures),
        _heading("Look for yourself"),
        Text.from_markup(
            f"Everything above stands in [bold]{escape(str(published))}[/] (DuckDB). The customers for a campaign:\n"
            "  export CRM_PIPELINE_SETTINGS=data/demo/settings.yaml\n"
            f'  .venv/bin/crm-pipeline sql "{QUERY}"\n'
            "The last run as a page for the browser:\n"
            "  .venv/bin/crm-pipeline report\n"
        ),
    )


def _heading(text: str) -> RenderableType:
    return Text(f"\n{text}", style="bold cyan")


def _reach(figures: Figures) -> RenderableType:
    table = _table("", ("before", "right"), ("after", "right"), ("gained", "right"))
    for reach in figures.reach:
        gained = reach.after - reach.before
        table.add_row(f"{reach.what} …", _count(reach.before), _count(reach.after), f"[green]{gained:+,}[/]")
    return Group(table, Text(f"… of {figures.customers:,} customers."))


def _matches(figures: Figures) -> RenderableType:
    people, companies = figures.auto_pairs.get("person", 0), figures.auto_pairs.get("company", 0)
    table = _table("pairs of records", ("people", "right"), ("companies", "right"))
    table.add_row("linked automatically", _count(people), _count(companies))
    for tier, words in _TIERS:
        in_review = (figures.review_pairs.get((kind, tier), 0) for kind in ("person", "company"))
        table.add_row(f"wait for a person: {words}", *map(_count, in_review))
    text = (
        f"{figures.customers_in_both:,} customers and {figures.companies_in_both:,} companies are in both CRMs; "
        f"{figures.accepted_pairs:,} pair{'' if figures.accepted_pairs == 1 else 's'} accepted by a person."
    )
    return Group(table, Text(text))


def _example(example: Example) -> RenderableType:
    lines = [f"\n[bold]{escape(title)}[/]: {escape(words)}" for title, words in example.records]
    if example.decided_by:
        how = f"{example.decided_by} says so; the pipeline alone was {_percent(example.posterior)} sure, because"
    else:
        how = f"linked automatically, {_percent(example.posterior)} sure, because"
    lines.append(f"  the same customer: {escape(how)}")
    lines += [f"  {'[green]+[/]' if supports else '[red]-[/]'} {escape(words)}" for supports, words in example.evidence]
    for system in System:
        got = [f"{field}: {value}" for to, field, value in example.written if to == system]
        if got:
            lines.append(f"  → {system.label} now has {escape('; '.join(got))}")
    return Text.from_markup("\n".join(lines).replace("\n\n", "\n", 1))


def _writes(figures: Figures) -> RenderableType:
    if not figures.landed:
        return Text("Nothing.")
    table = _table("CRM", ("object", "left"), ("operation", "left"), ("rule", "left"), ("written", "right"))
    for system, object_, operation, rule, number in figures.landed:
        table.add_row(System(system).label, object_, operation, _RULES.get(rule, rule), _count(number))
    return Group(table, *(Text(f"{n:,} {state}: {message}") for state, message, n in figures.not_landed))


def _deals(deals: Deals) -> RenderableType:
    if not deals.total:
        return Text("There are no deals.")
    return Text(
        f"{deals.total:,} deals, {deals.in_both:,} of them in both CRMs ({deals.created:,} because we made the "
        f"new ones there); {deals.open:,} are open, worth {deals.open_amount:,.0f} yen.\n"
        f"Read for the view of a customer: {deals.tickets:,} tickets, {deals.activities:,} calls, e-mails, meetings, "
        "notes and tasks."
    )


def _waiting(figures: Figures) -> RenderableType:
    review = sum(figures.review_pairs.values())
    lines = [
        (review, "pairs in review", "crm-pipeline review list"),
        (figures.asked, "conflicts that wait for an answer", "crm-pipeline conflicts --waiting"),
        (figures.held_plans, "plans held for approval", "crm-pipeline plan show"),
        *(
            (
                number,
                f"records not created on the other side yet: {reason.replace('_', ' ')}",
                'crm-pipeline sql "from sync_status"',
            )
            for reason, number in figures.waiting_creates
        ),
    ]
    table = _table("", ("", "left"), ("see", "left"))
    for number, what, command in lines:
        table.add_row(_count(number), what, command if number else "")
    text = (
        f"{figures.conflicts:,} fields on which both CRMs disagreed went by their rule, or stay as they are: "
        'crm-pipeline sql "from conflicts"'
    )
    return Group(table, Text(text))


def _rest(figures: Figures) -> RenderableType:
    if figures.last_plan:
        return Text(f"Yes: the last run still planned {figures.last_plan:,} writes.", style="yellow")
    return Text("No: the last run read both CRMs again and found nothing to write.", style="green")


def _table(first: str, *others: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for header, justify in others:
        table.add_column(header, justify="right" if justify == "right" else "left")
    return table


def _count(number: int) -> str:
    return f"{number:,}"


def _percent(share: float) -> str:
    """A probability that is not rounded up to certainty."""
    return "over 99.9 %" if share > 0.999 else f"{share * 100:.1f} %"
