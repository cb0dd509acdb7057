"""The figures of the demo's story, from tables filled by hand, and the words they become."""

import dataclasses
import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from crm_pipeline.config import load_settings
from crm_pipeline.demo import figures, story
from crm_pipeline.demo.figures import Deals
from crm_pipeline.publish import stage as publish
from crm_pipeline.warehouse import Warehouse

YAMADA = ("hubspot/contacts/1", "salesforce/Lead/00Q1")
MATSUMOTO = ("hubspot/contacts/2", "salesforce/Lead/00Q2")
EVIDENCE = [
    {"comparison": "name", "verdict": "supports", "weight": 5.0, "words": "same full name", "words_ja": "同姓同名"},
    {"comparison": "city", "verdict": "contradicts", "weight": -0.7, "words": "other [city]", "words_ja": "別の市"},
]


@pytest.fixture
def warehouse(tmp_path):
    return filled(tmp_path)


def filled(folder):
    """山田 is linked and was written to both CRMs; 松本 waits; 佐藤 is in HubSpot and was created in Salesforce."""
    found = Warehouse(folder / "crm.duckdb")
    with found.connect() as connection:
        record(
            connection,
            "hubspot_contacts",
            "1",
            lastname="山田",
            email="yamada@aaa.jp",
            industry="製造業",
            city="長野市",
        )
        record(connection, "salesforce_lead", "00Q1", LastName="山田", Email="yamada@aaa.jp", Phone="026-000-0000")
        record(connection, "hubspot_contacts", "2", lastname="松本", email="mathu@bbb.co.jp", phone="000-111-2222")
        record(connection, "salesforce_lead", "00Q2", LastName="松本", Phone=None, Industry="建設業")
        record(connection, "hubspot_contacts", "3", lastname="佐藤", email="sato@ccc.jp")
        record(connection, "salesforce_lead", "00Q3", LastName="佐藤", Phone="03-1111-2222")
        for golden_id, *keys in (
            ("person-1", *YAMADA),
            ("person-2", MATSUMOTO[0]),
            ("person-3", MATSUMOTO[1]),
            ("person-4", "hubspot/contacts/3", "salesforce/Lead/00Q3"),
        ):
            for key in keys:
                connection.execute(
                    "insert into golden.link values (?, 'person', ?, ?, ?, ?, true, null, 1)",
                    [golden_id, key, *key.split("/")],
                )
        written(connection, YAMADA[0], "email", "yamada@aaa.jp", None)
        written(connection, YAMADA[0], "industry", "製造業", None)
        connection.execute("insert into state.link values ('salesforce/Lead/00Q3', 'person-4', 'created', 1)")
        for keys, tier, posterior in ((YAMADA, "auto", 0.99996), (MATSUMOTO, "possible", 0.55)):
            connection.execute(
                "insert into match.pair values ('person', ?, ?, 6.7, ?, ?, ?, 'h', 1, ['name'], null, 0)",
                [*keys, posterior, tier, json.dumps(EVIDENCE)],
            )
        for key in MATSUMOTO:
            connection.execute("insert into match.cluster values ('person', ?, ?)", [key, key])
        landed(connection, "op1", "person-1", "hubspot", "contacts", "update", "e_mail", {"email": "yamada@aaa.jp"})
        landed(connection, "op2", "person-1", "hubspot", "contacts", "update", "industry", {"industry": "製造業"})
        landed(connection, "op3", "person-4", "salesforce", "Lead", "create", "*", {"LastName": "佐藤"})
        connection.execute("update push.outbox set state = 'rejected', code = 'TOO_LONG' where op_id = 'op2'")
    return found


def record(connection, table, record_id, **fields):
    connection.execute(
        f"insert into raw.{table} values (?, now(), now(), 'somebody', ?, '{{}}', null, 1, null)",
        [record_id, json.dumps(fields)],
    )


def written(connection, key, name, value, before):
    connection.execute(
        "insert into state.written values (?, ?, ?, null, ?, 1)", [key, name, json.dumps(value), json.dumps(before)]
    )


def landed(connection, op_id, golden_id, system, object_, operation, field, new):
    connection.execute(
        """insert into push.outbox by name select ? as op_id, 1 as plan_id, 1 as run_id, '1' as request_id,
        'landed' as state, ? as system, ? as object, ? as golden_id, ? as field, ? as operation,
        '{}' as old, ? as new""",
        [op_id, system, object_, golden_id, field, operation, json.dumps(new)],
    )
    connection.execute(
        """insert into push.audit by name select ? as op_id, 1 as plan_id, 1 as run_id, ? as system, ? as object,
        ? as golden_id, ? as operation, ? as field, '{}' as old, '{}' as new, 'prefer_salesforce' as rule,
        '' as reason, now() as written_at""",
        [op_id, system, object_, golden_id, operation, field],
    )


def read_figures(warehouse, *examples):
    """The figures from the copy for analysts."""
    published = warehouse.path.with_name("published.duckdb")
    settings = load_settings().model_copy(update={"published": published})
    publish.run(warehouse, settings, run_id=1)
    with Warehouse(published).read() as connection:
        return figures.read(connection, settings.mapping.person, examples)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    warehouse = filled(tmp_path_factory.mktemp("read"))
    return read_figures(warehouse, YAMADA, ("hubspot/contacts/3", "salesforce/Lead/00Q1"), MATSUMOTO)


def test_reach_counts_customers_before_and_after_our_writes(read):
    assert read.customers == 4
    assert [(r.what, r.before, r.after) for r in read.reach] == [
        ("Marketing can mail", 2, 3),
        ("Sales can phone", 1, 2),
        ("Marketing can pick by industry", 0, 1),
    ]


def test_a_customer_that_we_created_on_one_side_was_not_in_both_crms(read):
    assert read.customers_in_both == 1


def test_pairs_are_counted_by_tier(read):
    assert read.auto_pairs == {"person": 1}
    assert read.review_pairs == {("person", "possible"): 1}


def test_what_landed_is_counted_by_rule_and_the_rest_is_named(read):
    assert read.landed == (
        ("hubspot", "contacts", "update", "prefer_salesforce", 1),
        ("salesforce", "Lead", "create", "prefer_salesforce", 1),
    )
    assert read.not_landed == (("rejected", "TOO_LONG", 1),)


def test_examples_show_the_records_before_our_writes_and_pairs_only(read):
    yamada, matsumoto = read.examples

    assert yamada.records == (
        ("HubSpot contacts", "山田 · 長野市"),
        ("Salesforce Lead", "山田 · yamada@aaa.jp · 026-000-0000"),
    )
    assert yamada.evidence == ((True, "same full name"), (False, "other [city]"))
    assert yamada.written == (("hubspot", "E-mail", "yamada@aaa.jp"),)
    assert matsumoto.written == ()


def told(found) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(story.tell(found, Path("data/x.duckdb")))
    return console.export_text()


def test_the_story_says_it_in_words(read):
    text = told(read)

    for part in (
        "Marketing can mail",
        "same full name",
        "other [city]",
        "HubSpot now has E-mail: yamada@aaa.jp",
        "over 99.9 %",
        "data/x.duckdb",
    ):
        assert part in text
    assert "found nothing to write" in text


def test_a_person_who_accepted_is_named(warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into state.decision values (?, ?, 'match', 'hanako', now(), '', 'h', '1')", list(MATSUMOTO)
        )
    found = read_figures(warehouse, MATSUMOTO)

    assert found.accepted_pairs == 1
    assert found.review_pairs == {}
    assert "hanako says so; the pipeline alone was 55.0 % sure" in told(found)


def test_what_waits_is_listed_by_the_named_command(read):
    text = told(dataclasses.replace(read, conflicts=3, asked=2, held_plans=1, waiting_creates=(("no_name", 2),)))

    for what, command in (
        ("wait for an answer", "crm-pipeline conflicts --waiting"),
        ("both CRMs disagreed", 'crm-pipeline sql "from conflicts"'),
        ("held for approval", "crm-pipeline plan show"),
        ("not created on the other side yet: no name", 'crm-pipeline sql "from sync_status"'),
    ):
        [line] = [line for line in text.splitlines() if what in line]
        assert line.rstrip().endswith(command)


def test_deals_are_told_in_two_lines_under_a_title_of_their_own(read):
    deals = Deals(total=320, in_both=125, created=5, open=140, open_amount=1_234_000.0, tickets=150, activities=730)
    text = told(dataclasses.replace(read, deals=deals))

    assert "\n\nDeals, tickets and activities\n320 deals" in text
    assert "320 deals, 125 of them in both CRMs (5 because we made the new ones there); 140 are open, worth" in text
    assert "1,234,000 yen" in text
    assert "150 tickets, 730 calls, e-mails, meetings, notes and tasks" in text
    assert "There are no deals" in told(read)


def test_the_story_does_not_say_that_all_is_done_when_it_is_not(warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            """insert into plan.plan by name select 1 as plan_id, 1 as run_id, 'h' as hash, 'held' as state, '' as why,
            '' as mapping_hash, '' as schema_hash, now() as created_at, now() as expires_at"""
        )
        connection.execute(
            """insert into plan.change by name select 1 as plan_id, 'o' as op_id, 1 as seq, 'person' as kind,
            'hubspot' as system, 'contacts' as object, 'update' as operation, 'e_mail' as field, '{}' as old,
            '{}' as new, 'person-1' as golden_id, 'two_way' as rule, '' as reason, 'f' as fingerprint"""
        )
    text = told(read_figures(warehouse))

    assert "the last run still planned 1 writes" in text
    assert "found nothing" not in text
