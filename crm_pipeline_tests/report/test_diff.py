"""A plan's diff in every format: complete, masked, and safe to open whatever stands in a value."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.report.diff import data, lines, page
from crm_pipeline.report.diff.content import content
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import _change, write_night

NASTY = '</td><script>alert("x")</script>| [a](javascript:1) `b` *c*'


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """The night's plan; a create with a value that looks like markup, a conflict, and accounts to link to."""
    warehouse = write_night(tmp_path_factory.mktemp("diff") / "crm.duckdb")
    create = {"operation": "create", "field": "*", "record_id": None, "create_key": "person-2/contacts/1"}
    create |= {"system": "hubspot", "object": "contacts", "golden_id": "person-2", "source_key": "salesforce/Lead/00Q1"}
    account = {"system": "salesforce", "account_id": "00D1", "name": "n", "time_zone": "UTC", "sandbox": False}
    account |= {"integration_user": "", "url": "https://a.example"}
    hubspot = {"system": "hubspot", "account_id": "42", "url": "https://app.hubspot.com"}
    conflict = {
        "golden_id": "person-1",
        "field": "job_title",
        "kind": "ask",
        "salesforce": ["部長"],
        "hubspot": ["課長"],
    }
    conflict |= {"certain": False, "winner": "nobody", "why": "both sides changed", "first_plan": 1, "last_plan": 1}
    waits = {
        "plan_id": 1,
        "record_key": "hubspot/contacts/151",
        "golden_id": "person-3",
        "reason": "waiting_for_review",
    }
    with warehouse.connect() as connection:
        insert(connection, "plan.change", [_change("4", **create, old={}, new={"lastname": NASTY})])
        insert(connection, "raw.account", [account, {**account, **hubspot}])
        insert(connection, "plan.conflict", [{**conflict, "salesforce_at": "2026-01-01T00:00:00Z"}])
        insert(connection, "plan.waiting", [waits])
    with warehouse.read() as connection:
        return content(connection, load_settings())


def texts(plan, *, in_full):
    return {
        "text": "\n".join(lines.text(plan, in_full=in_full, most=None)),
        "markdown": "\n".join(lines.markdown(plan, in_full=in_full)),
        "html": "".join(page.page(plan, in_full=in_full)),
        "json": str(data.data(plan, in_full=in_full)),
    }


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_law_45_values_stand_in_no_format_unless_they_are_asked_for(plan, form):
    for value in ("000-111-2222", "部長"):
        assert value not in texts(plan, in_full=False)[form]
        assert value in texts(plan, in_full=True)[form]


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_every_format_names_rule_reason_records_and_what_is_not_sent(plan, form):
    shown = texts(plan, in_full=False)[form].replace("\\", "")
    for said in ("0123456789abcdef", "prefer_salesforce", "filled from HubSpot", "the picklist has no such value"):
        assert said in shown
    assert "https://a.example/lightning/r/Lead/00Q1/view" in shown


@pytest.mark.parametrize("form", ["markdown", "html", "json"])
def test_the_long_formats_also_name_guards_conflicts_and_what_waits(plan, form):
    shown = texts(plan, in_full=False)[form].replace("\\", "")
    assert "https://app.hubspot.com/contacts/42/record/0-1/151" in shown or form == "json"
    for said in ("both sides changed", "hubspot/contacts/151", "20 %"):
        assert said in shown


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.words.append(text)


def test_the_page_is_whole_loads_nothing_and_speaks_both_languages(plan):
    parsed = _Page()
    parsed.feed("".join(page.page(plan, in_full=True)))
    assert parsed.open == []
    names = {tag for tag, _ in parsed.tags}
    assert not names & {"script", "link", "img", "iframe"}
    assert {attrs["href"].split(":")[0] for tag, attrs in parsed.tags if tag == "a"} == {"https"}
    assert {"役職", "電話番号", "新規作成", "競合", "送信されないもの"} <= set(parsed.words)
    assert f"lastname: {' '.join(NASTY.split())}" in parsed.words


def test_the_members_of_a_set_are_one_group(tmp_path):
    member = {"operation": "associate", "kind": "deal", "object": "Opportunity", "golden_id": "deal-1", "old": {}}
    with write_night(tmp_path / "crm.duckdb").connect() as connection:
        members = [_change(str(10 + n), **member, field=f"people/person-{n}", new={"people": "1"}) for n in range(3)]
        insert(connection, "plan.change", members)
        groups = content(connection, load_settings()).groups
    assert [(g.field.en, len(g.changes)) for g in groups if g.operation == "associate"] == [("People", 3)]


def test_a_value_is_no_markup_in_markdown(plan):
    (row,) = [line for line in lines.markdown(plan, in_full=True) if "alert" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert not re.findall(r"(?<!\\)[<`*]", row)
    assert "[a](javascript" not in row


def test_ten_thousand_operations_are_one_page_of_folded_groups(plan):
    group = plan.groups[0]
    many = dataclasses.replace(plan, groups=(dataclasses.replace(group, changes=group.changes * 10_000),))
    shown = "".join(page.page(many, in_full=False))
    assert shown.count("<tr><td>") > 10_000
    assert len(shown) < 6_000_000
    assert f"<b>{10_000:,}</b>" in shown
    assert "<details open" not in shown.split("<h2>")[2]
