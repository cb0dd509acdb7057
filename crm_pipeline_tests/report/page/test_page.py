"""The report of a run: complete, masked, whole HTML that loads nothing, bilingual, small however large the plan."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import PlanState
from crm_pipeline.push.refusals import registry
from crm_pipeline.report.diff.words import ja
from crm_pipeline.report.page import chart
from crm_pipeline.report.page.actions import action_ja
from crm_pipeline.report.page.changes import MOST_OF_A_GROUP
from crm_pipeline.report.page.content import content
from crm_pipeline.report.page.evidence import words
from crm_pipeline.report.page.page import page
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.page.morning import VALUES, run, step, write_morning, written

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def shown(warehouse, number=None, *, in_full=False, language="en"):
    with warehouse.read() as connection:
        found = content(connection, load_settings(), number)
    return "".join(page(found, ZoneInfo("Asia/Tokyo"), in_full=in_full, language=language))


def said(html, language="en"):
    """What is read in one of the languages, without markup."""
    other = {"en": r'<span class=ja lang="ja">[^<]*</span>', "ja": "<span class=en>[^<]*</span>"}[language]
    body = re.sub(r"<[^>]+>", " ", re.sub(other, "", html.split("</style>")[1]))
    return re.sub(r"\s+", " ", unescape(body))


def execute(warehouse, *statements):
    with warehouse.connect() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    return write_morning(tmp_path_factory.mktemp("morning") / "crm.duckdb")


@pytest.fixture(scope="module")
def html(morning):
    return shown(morning)


@pytest.fixture
def own(tmp_path):
    return write_morning(tmp_path / "crm.duckdb")


def test_law_45_values_are_masked_unless_they_are_asked_for(morning, html):
    full = shown(morning, in_full=True)
    assert [value for value in VALUES if value in html] == []
    assert [value for value in VALUES if value not in full] == []


def test_a_held_plan_is_the_first_thing_to_do_with_the_command_that_approves_it(html):
    text = said(html)
    needs = text[text.index("What needs a person now") :]
    assert "Plan 0123456789abcdef is held" in needs
    assert needs.index("crm-pipeline approve 0123456789abcdef --by YOUR_NAME") < needs.index("crm-pipeline conflicts")
    assert needs.index("crm-pipeline conflicts") < needs.index("crm-pipeline review list")
    assert "計画 0123456789abcdef は保留中" in said(html, "ja")


def test_the_page_says_what_the_run_found_and_did(html):
    for what in (
        "Marketing can mail", "40 → 70", "+30", "HubSpot companies", "one came while reading",
        "Read as well, without records: HubSpot deals", "same family name: 山…", "99.80%", "it is the oldest",
        "prefer_salesforce", "the picklist has no such value", "waits for approval 2", "80.0%", "12.0%", "1 min 2 s",
    ):  # fmt: skip
        assert what in said(html)
    for what in (
        "マーケティングがメールを送れる顧客", "姓が同じ：山…", "最も古い", "役職",
        "Salesforce優先（prefer_salesforce）", "計画の承認待ち 2", "1分2秒",
    ):  # fmt: skip
        assert what in said(html, "ja")


def test_records_lead_to_their_pages(html):
    addresses = set(re.findall(r'href="(https://[^"]+)"', html))
    assert "https://salesforce.example/lightning/r/Lead/00Q1/view" in addresses
    assert "https://hubspot.example/contacts/42/record/0-1/151" in addresses


class _Whole(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br", "rect", "polyline", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "polyline", "line"):
            assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(html):
    parsed = _Whole()
    parsed.feed(html)
    assert parsed.open == []
    assert not {tag for tag, _ in parsed.tags} & {"script", "link", "img", "iframe", "object"}
    assert {"scope" in attrs for tag, attrs in parsed.tags if tag == "th"} == {True}
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_every_text_is_there_in_japanese_too(html):
    assert html.count("<span class=en>") == html.count('<span class=ja lang="ja">')
    assert all(JAPANESE.search(text) for text in re.findall(r'lang="ja">([^<]{12,})</span>', html))


@pytest.mark.parametrize(("language", "checked", "title"), [("en", "en", "Run 1"), ("ja", "ja", "実行 1")])
def test_either_language_comes_first(morning, language, checked, title):
    html = shown(morning, language=language)
    assert re.search(r'id="(\w+)" checked', html)[1] == checked
    assert f'<html lang="{language}">' in html
    assert f"<title>{title} " in html


def test_a_run_that_is_not_known_names_the_newest(morning):
    with pytest.raises(NotFoundError, match=r"there is no run 99; the newest one is 1: crm-pipeline report 1"):
        shown(morning, 99)


def test_before_the_first_run_the_next_step_is_named(tmp_path):
    empty = Warehouse(tmp_path / "crm.duckdb")
    with empty.connect():
        pass
    with pytest.raises(NotFoundError, match="there was no run yet"):
        shown(empty)


def test_an_earlier_run_says_what_it_does_not_know_any_more(morning):
    text = said(shown(morning, 0))
    assert "No plan was made" in text
    assert "Later runs have their own report." in text
    assert "see the report of the newest run" in text


def test_a_run_that_failed_tells_its_sentence_and_the_step(own):
    with own.connect() as connection:
        insert(
            connection,
            "state.run",
            [run(2, outcome="failed", failed="HubSpot refuses the token; check HUBSPOT_ACCESS_TOKEN")],
        )
        insert(connection, "state.step", [step("hubspot_schema", "extract", 2, failed="HubSpot refuses the token")])
    text = said(shown(own))
    assert "Run 2 failed" in text
    assert "HubSpot refuses the token; check HUBSPOT_ACCESS_TOKEN" in text
    assert "crm-pipeline run" in text
    assert "This run read nothing." in text


def test_a_run_whose_process_was_killed_is_not_through(own):
    with own.connect() as connection:
        insert(connection, "state.run", [run(2, outcome=None, ended_at=None)])
    assert "or its process was killed" in said(shown(own))


def test_a_preview_says_so_and_how_to_send_it(tmp_path):
    warehouse = write_morning(tmp_path / "crm.duckdb", PlanState.PROPOSED)
    execute(warehouse, "delete from state.step where step = 'push'")
    text = said(shown(warehouse))
    assert "A preview: everything but writing to the CRMs." in text
    assert "may be sent and was not sent to the end" in text


def test_an_undo_names_what_it_takes_back_and_who_asked(own):
    execute(own, "update plan.plan set purpose = 'undo', undoes = '7', asked_by = '佐藤'")
    assert "This takes back what run or record 7 wrote, asked for by 佐藤." in said(shown(own))


def test_a_run_that_only_sends_shows_the_plan_that_it_sent(tmp_path):
    warehouse = write_morning(tmp_path / "crm.duckdb", PlanState.APPLIED)
    with warehouse.connect() as connection:
        insert(connection, "state.run", [run(2)])
        insert(connection, "state.step", [step("push", run_id=2), step("publish", run_id=2)])
        rows = [written("landed", run_id=2), written("rejected", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "2", run_id=2)]
        insert(connection, "push.outbox", rows)
    html = shown(warehouse)
    text = said(html)
    assert "It sent a plan that was made before; nothing was read." in text
    assert "1 write landed in the CRMs." in text
    assert "A validation rule of the organisation refuses the record." in text
    assert "Correct the record as the rule's text says" in text
    assert "入力規則の文面どおりにレコードを修正する" in said(html, "ja")


def test_a_night_with_nothing_to_do_says_so_and_nothing_else_is_needed(own):
    execute(own, *(f"delete from {t}" for t in ("plan.change", "match.pair", "plan.conflict", "raw.reconciliation")),
            "update plan.plan set state = 'applied', why = ''")  # fmt: skip
    text = said(shown(own))
    assert "Nothing to write: both CRMs agree." in text
    assert "What needs a person now Nothing." in text


def test_a_large_plan_is_a_small_page_that_says_how_much_there_is(own):
    execute(
        own,
        "insert into plan.change by name select c.* replace (c.op_id || 'x' || n as op_id, 100 + n as seq, "
        "'00Q' || n as record_id) from plan.change c, range(30000) r(n) where c.op_id in ('1', '2')",
    )
    html = shown(own)
    assert len(html.encode()) < 300_000
    assert f"{MOST_OF_A_GROUP} of 30,001 are shown, the riskiest." in said(html)
    assert html.index("<details class=clear>") < html.index("<details class=update>")


def test_what_a_value_says_is_no_markup(own):
    execute(own, "update plan.change set old = '{\"Title\": \"</td><script>x</script>\"}' where op_id = '2'")
    assert "<script>" not in shown(own, in_full=True)


def test_words_that_no_template_knows_are_not_shown_masked():
    piece = {
        "comparison": "loyalty_no",
        "verdict": "contradicts",
        "words": "X-17 is not X-18",
        "words_ja": "X-17ではない",
    }
    assert words(piece, in_full=False) == ("− loyalty no", "− loyalty no")
    assert words(piece, in_full=True)[0] == "− X-17 is not X-18"


def test_every_action_is_japanese_too():
    assert [one.action for one in registry().values() if not JAPANESE.search(action_ja(one.action))] == []


def test_every_reason_of_a_difference_is_japanese_too():
    from crm_pipeline.publish import stage

    reasons = re.findall(r"\('(\w+)', '", stage._sql("marts/drift"))
    assert "waits_for_approval" in reasons
    assert [reason for reason in reasons if not JAPANESE.search(ja(reason))] == []


def test_a_drawing_stays_within_its_frame():
    assert 'width="100"' in chart.meter(7)
    assert 'x="20" width="30"' in chart.before_after(0.2, 0.5)
    assert "lost" in chart.before_after(0.5, 0.2)
    assert chart.lines([("on", [5])]) == ""
    assert 'points="0,38 50,20 100,2"' in chart.lines([("on", [0, 5, 10])])


def test_a_thousand_reasons_are_a_small_page_too(own):
    execute(
        own,
        "insert into plan.change by name select c.* replace (c.op_id || 'x' || n as op_id, "
        "'the value has ' || n || ' characters, Title takes 10' as problem) from plan.change c, range(1000) r(n) "
        "where c.op_id = '3'",
    )
    html = shown(own)
    assert len(html.encode()) < 400_000
    assert "951 more reasons, 951 operations." in said(html)
    assert "too_long" in said(html)
