"""What the marts say about a small warehouse."""

import duckdb
import pytest

from crm_pipeline.model import OpState
from crm_pipeline.publish import stage
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.publish.conftest import add_operations, add_plan, operation, written


def _published(settings, sql):
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _mail_to_hubspot(**more):
    return operation("o1", "hubspot", "contacts", "11", "e_mail", {"email": None}, {"email": "y@a.jp"}, **more)


def test_every_mart_and_column_is_documented(as_read):
    tables = dict(_published(as_read, "select table_name, comment from duckdb_tables() where schema_name = 'main'"))
    assert set(tables) == set(stage.MARTS)
    assert all(tables.values())
    bare = "select table_name, column_name from duckdb_columns() where schema_name = 'main' and comment is null"
    assert _published(as_read, f"{bare} and not internal") == []


def test_a_customer_has_one_row_with_the_ids_of_both_crms(warehouse, settings):
    assert stage.run(warehouse, settings, 1).customers == 4
    rows = _published(
        settings,
        "select golden_id, name, e_mail, industry, hubspot_contacts, salesforce_leads, in_both from customer_360 "
        "where golden_id in ('person-1', 'person-3')",
    )
    assert rows == [
        ("person-1", "山田 太郎", "y@a.jp", "製造業", ["11"], ["00Q1"], True),
        ("person-3", None, None, None, [], ["00Q2"], False),
    ]


def test_a_customer_works_at_the_company_its_crm_relates_it_to(as_read):
    sql = "select golden_id, company_id from customer_360 where company_id is not null"
    assert _published(as_read, sql) == [("person-4", "company-1")]


def test_flags_say_what_each_crm_can_do(as_read):
    flags = "hubspot_mailable, hubspot_callable, hubspot_segmentable, salesforce_mailable, salesforce_callable, "
    flags += "salesforce_segmentable"
    rows = _published(as_read, f"select golden_id, {flags} from customer_360 order by 1")
    assert rows == [
        ("person-1", False, False, False, True, True, True),
        ("person-2", True, True, False, False, False, False),
        ("person-3", False, False, False, False, False, True),
        ("person-4", False, False, False, False, False, False),
    ]


def _reach(settings, run_id, system, capability):
    return _published(
        settings,
        "select customers, without_writes, gained, total from reach "
        f"where run_id = {run_id} and system = '{system}' and capability = '{capability}'",
    )


def test_a_landed_write_shows_before_the_next_read(warehouse, settings):
    stage.run(warehouse, settings, 1)
    assert _reach(settings, 1, "hubspot", "mail") == [(1, 1, 0, 4)]
    add_plan(warehouse)
    add_operations(warehouse, _mail_to_hubspot())
    with warehouse.connect() as connection:
        insert(connection, "state.written", [written("hubspot/contacts/11", "email", "y@a.jp", None)])
    stage.run(warehouse, settings, 2)
    assert _reach(settings, 1, "hubspot", "mail") == [(1, 1, 0, 4)]
    assert _reach(settings, 2, "hubspot", "mail") == [(2, 1, 1, 4)]


def test_what_was_read_after_a_write_counts_not_the_write(warehouse, settings):
    add_plan(warehouse)
    add_operations(warehouse, _mail_to_hubspot())
    with warehouse.connect() as connection:
        connection.execute("update raw.watermark set run_id = 2")
    stage.run(warehouse, settings, 2)
    assert _reach(settings, 2, "hubspot", "mail") == [(1, 1, 0, 4)]


def test_a_write_that_did_not_land_does_not_show(warehouse, settings):
    add_plan(warehouse)
    add_operations(warehouse, _mail_to_hubspot(state="rejected"))
    stage.run(warehouse, settings, 1)
    assert _reach(settings, 1, "hubspot", "mail") == [(1, 1, 0, 4)]


def test_a_created_record_belongs_to_its_customer_at_once(warehouse, settings):
    add_plan(warehouse)
    new = {"lastname": "松本", "industry": "建設業"}
    add_operations(
        warehouse,
        operation("o2", "hubspot", "contacts", "77", "*", {}, new, golden_id="person-3", operation="create"),
    )
    with warehouse.connect() as connection:
        link = {"record_key": "hubspot/contacts/77", "golden_id": "person-3", "origin": "created", "run_id": 1}
        insert(connection, "state.link", [link])
    stage.run(warehouse, settings, 1)
    sql = "select hubspot_contacts, in_both, hubspot_segmentable from customer_360 where golden_id = 'person-3'"
    assert _published(settings, sql) == [(["77"], True, True)]
    assert _reach(settings, 1, "hubspot", "pick by industry") == [(1, 0, 1, 4)]
    sentence = "select state, sentence from sync_status where record_key = 'hubspot/contacts/77'"
    expected = ("in_sync", "linked with salesforce/Lead/00Q2; 2 fields written in the last run")
    assert _published(settings, sentence) == [expected]


def test_reach_is_measured_once_a_run_and_kept(warehouse, settings):
    for run_id in (1, 2, 2):
        stage.run(warehouse, settings, run_id)
    assert _published(settings, "select run_id, count(*) from reach group by 1 order by 1") == [(1, 6), (2, 6)]
    questions = _published(settings, "select distinct question from reach where system = 'hubspot' order by 1")
    expected = ["Marketing can mail", "Marketing can phone", "Marketing can pick by industry"]
    assert [q for (q,) in questions] == expected


def test_matches_carry_their_evidence_in_words(as_read):
    rows = _published(as_read, "select tier, left_name, right_name, linked, evidence, evidence_ja from matches")
    words, ja = ["+ same surname", "- other phone"], ["+ 同じ姓", "- 電話"]
    assert rows == [
        ("auto", "山田 太郎", "山田 太郎", True, words, ja),
        ("possible", "松本", "松本 次郎", False, words, ja),
    ]


def test_the_review_shows_both_records(as_read):
    rows = _published(
        as_read,
        "select left_name, right_name, why_not_auto, left_fields->>'phone', right_fields->>'Industry' "
        "from match_review",
    )
    assert rows == [("松本", "松本 次郎", "only the surname", "000-111-2222", "建設業")]


def test_writes_count_by_rule_and_state(warehouse, settings):
    add_plan(warehouse)
    rejected = operation("o2", "salesforce", "Lead", "00Q1", "phone", {}, {"Phone": "1"}, state="rejected")
    add_operations(warehouse, _mail_to_hubspot(), rejected)
    stage.run(warehouse, settings, 1)
    assert _published(settings, "select system, field, rule, state, operations from writes") == [
        ("hubspot", "e_mail", "prefer_salesforce", "landed", 1),
        ("salesforce", "phone", "prefer_salesforce", "rejected", 1),
    ]


@pytest.mark.parametrize(("plan_state", "state"), [("held", "held_by_guard"), ("proposed", "planned")])
def test_operations_that_were_not_sent_are_counted(warehouse, settings, plan_state, state):
    change, _, _ = _mail_to_hubspot()
    add_plan(warehouse, state=plan_state, changes=[change])
    stage.run(warehouse, settings, 1)
    assert _published(settings, "select state, operations from writes") == [(state, 1)]


def test_conflicts_show_both_values_and_whether_somebody_must_decide(warehouse, settings):
    add_plan(warehouse)
    stage.run(warehouse, settings, 1)
    rows = _published(settings, "select name, label_ja, hubspot, salesforce, winner, waits from conflicts")
    assert rows == [("山田 太郎", "役職", "課長", "部長", "nobody", True)]


@pytest.mark.parametrize(
    ("kind", "last_plan", "waits"),
    [("ask", 2, True), ("loosening", 2, True), ("within_side", 2, False), ("ask", 1, False)],
)
def test_only_what_an_answer_ends_and_the_newest_plan_found_waits(warehouse, settings, kind, last_plan, waits):
    add_plan(warehouse)
    add_plan(warehouse, plan_id=2)
    add_plan(warehouse, plan_id=3, purpose="undo")
    with warehouse.connect() as connection:
        connection.execute("update plan.conflict set kind = ?, last_plan = ?", [kind, last_plan])
    stage.run(warehouse, settings, 1)
    assert _published(settings, "select winner, waits from conflicts") == [("nobody", waits)]


def test_the_audit_says_what_became_of_each_write(warehouse, settings):
    add_plan(warehouse)
    add_operations(warehouse, _mail_to_hubspot(state="rejected", message="INVALID_EMAIL"))
    stage.run(warehouse, settings, 1)
    rows = _published(settings, "select name, field, old->>'email', new->>'email', state, message from audit")
    assert rows == [("山田 太郎", "e_mail", None, "y@a.jp", "rejected", "INVALID_EMAIL")]


def test_reconciliation_says_why_the_counts_differ(as_read):
    numbers = "here, there, difference, missing, surplus, sampled, sample_wrong, method, explained, quarantined"
    rows = _published(as_read, f"select {numbers} from reconciliation")
    assert rows == [(2, 3, -1, 0, 0, 0, 0, "count", "1 is in quarantine", 1)]


def _status(settings):
    return {
        key: (state, text)
        for key, state, text in _published(settings, "select record_key, state, sentence from sync_status")
    }


def test_every_record_has_a_status_and_a_sentence(warehouse, settings):
    with warehouse.connect() as connection:
        connection.execute("delete from plan.conflict")
        waits = {"plan_id": 1, "record_key": "salesforce/Contact/0031", "golden_id": "person-4"}
        insert(connection, "plan.waiting", [{**waits, "reason": "waiting_for_review"}])
    add_plan(warehouse)
    stage.run(warehouse, settings, 1)
    review = "1 possible matches wait for a person: crm-pipeline review list"
    assert _status(settings) == {
        "hubspot/contacts/11": ("in_sync", "linked with salesforce/Lead/00Q1; nothing to write"),
        "hubspot/contacts/12": ("review", review),
        "hubspot/contacts/13": ("not_loaded", "it could not be loaded and is left as it is: not text"),
        "hubspot/contacts/19": (
            "retired",
            "was merged into contacts 11 in its CRM; it is neither read nor written any more",
        ),
        "salesforce/Account/0011": (
            "alone",
            "only here: the other CRM has no such customer, and none is to be created",
        ),
        "salesforce/Contact/0031": ("waiting", "no record is created in the other CRM yet: waiting for review"),
        "salesforce/Lead/00Q1": ("in_sync", "linked with hubspot/contacts/11; nothing to write"),
        "salesforce/Lead/00Q2": ("review", review),
    }


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        ("deleted", "its counterpart was deleted in the other CRM; it is not created again"),
        ("merged", "its counterpart was merged in the other CRM into Lead 00Q9, which is not here; it is not created"),
        ("converted", "its counterpart was converted in the other CRM into Lead 00Q9, which is not here; it is not"),
    ],
)
def test_the_status_tells_what_became_of_the_counterpart(warehouse, settings, fate, words):
    with warehouse.connect() as connection:
        connection.execute("update golden.link set retired = ? where record_key = 'salesforce/Lead/00Q1'", [fate])
        connection.execute("update raw.salesforce_lead set retired = ? where record_id = '00Q1'", [fate])
        gone = {"system": "salesforce", "object": "Lead", "record_id": "00Q1", "reason": fate, "run_id": 1}
        into = {} if fate == "deleted" else {"survivor_object": "Lead", "survivor_id": "00Q9"}
        insert(connection, "raw.tombstone", [{**gone, **into}])
        waits = {"plan_id": 1, "record_key": "hubspot/contacts/11", "golden_id": "person-1"}
        insert(connection, "plan.waiting", [{**waits, "reason": "deleted_there"}])
    add_plan(warehouse)
    stage.run(warehouse, settings, 1)
    state, sentence = _status(settings)["hubspot/contacts/11"]
    assert state == "deleted_there"
    assert sentence.startswith(words)
    [(japanese,)] = _published(settings, "select sentence_ja from sync_status where state = 'deleted_there'")
    assert japanese.startswith({"deleted": "相手側のレコードは削除されました。"}.get(fate, "相手側のレコードは"))
    assert ("Lead 00Q9" in japanese) == (fate != "deleted")


@pytest.mark.parametrize(
    ("plan_state", "sent", "state", "words"),
    [
        ("held", False, "held", "1 writes wait for the approval"),
        ("proposed", False, "planned", "1 writes are planned"),
        ("applied", "rejected", "failed", "e_mail rejected: INVALID_EMAIL"),
        ("applied", "unknown", "failed", "e_mail unknown: INVALID_EMAIL"),
        ("applied", "landed", "conflict", "a person must decide: job_title"),
    ],
)
def test_the_status_names_what_stands_in_the_way(warehouse, settings, plan_state, sent, state, words):
    if sent:
        add_plan(warehouse, state=plan_state)
        add_operations(warehouse, _mail_to_hubspot(state=sent, message="INVALID_EMAIL"))
    else:
        add_plan(warehouse, state=plan_state, changes=[_mail_to_hubspot()[0]])
    stage.run(warehouse, settings, 1)
    found, sentence = _status(settings)["hubspot/contacts/11"]
    assert found == state
    assert words in sentence


def test_matches_know_a_decision_whichever_way_round_it_was_written(warehouse, settings):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into state.decision values "
            "('salesforce/Lead/00Q2', 'hubspot/contacts/12', 'not_a_match', '佐藤', now(), '', 'e', '')"
        )
    stage.run(warehouse, settings, 1)
    assert _published(settings, "select verdict, decided_by from matches where tier = 'possible'") == [
        ("not_a_match", "佐藤")
    ]


def test_a_difference_is_explained_whatever_became_of_its_write(warehouse, settings):
    states = sorted(set(OpState) - {OpState.HELD_BY_GUARD})  # nothing of a held plan is in the outbox
    add_plan(warehouse)
    wanted = ("hubspot", "contacts", "11", "e_mail", {"email": None}, {"email": "y@a.jp"})
    add_operations(
        warehouse, *(operation(f"o{state}", *wanted, state, golden_id=f"person-{state}") for state in states)
    )
    differs = {"field": "e_mail", "hubspot_key": "hubspot/contacts/11", "salesforce_key": "salesforce/Lead/00Q1"}
    rows = [{**differs, "golden_id": f"person-{state}", "cause": "due"} for state in states]
    with warehouse.connect() as connection:
        insert(connection, "publish.disagreement", rows)
    stage.run(warehouse, settings, 1)
    sql = "select golden_id, field from drift where sentence <> '' and sentence_ja <> '' order by 1"
    told = _published(settings, sql)
    assert told == [(f"person-{state}", "e_mail") for state in states]
