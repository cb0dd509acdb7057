"""What a table promises, and what the UI says when it does not keep it."""

from itertools import chain

import pytest

from crm_pipeline import flow
from crm_pipeline.orchestration import contract, tables
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.columns import declared


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("contract") / "crm.duckdb")
    with made.connect():
        pass
    return made


@pytest.fixture
def settings(pipeline):
    return pipeline.settings()


def table_of(settings, stage, name):
    every = chain.from_iterable(tables.of_step(step, settings) for step in flow.steps(settings))
    return next(table for table in every if (table.stage, table.name) == (stage, name))


def sentence(warehouse, settings, table, *statements):
    """Whether the check passes and what it says, after these statements, which are undone."""
    with warehouse.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        check = contract.results(connection, settings, [table])[table].check
        connection.execute("rollback")
        connection.execute("begin")
    return check.passed, check.description


def test_a_table_as_its_file_declares_it_is_as_promised(warehouse, settings):
    table = table_of(settings, "match", "cluster")
    assert sentence(warehouse, settings, table) == (True, "match.cluster is as promised")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("alter table match.cluster drop column cluster", "the column cluster is missing"),
        ("alter table match.cluster alter kind drop not null", "the column kind is VARCHAR, not VARCHAR not null"),
        ("alter table match.cluster add column note varchar", "the column note is not one of this version"),
        ("drop table match.cluster cascade", "match.cluster is not there"),
        (
            "insert into match.cluster select 'person', 'hubspot/contacts/1', n::varchar from range(3) t(n)",
            "2 rows too many for record_key",
        ),
    ],
)
def test_what_is_not_as_promised_is_named(warehouse, settings, statement, says):
    assert sentence(warehouse, settings, table_of(settings, "match", "cluster"), statement) == (False, says)


def test_a_key_of_several_columns_counts_as_a_whole(warehouse, settings):
    def pair(left, right):
        return (
            f"insert into plan.conflict values ('{left}', '{right}', 'ask', null, null, null, null, true, 'nobody', "
            "'', 1, 1)"
        )

    table = table_of(settings, "plan", "conflict")
    assert sentence(warehouse, settings, table, pair("person-1", "a"), pair("person-1", "b"))[0]
    assert sentence(warehouse, settings, table, pair("person-1", "a"), pair("person-1", "a")) == (
        False,
        "1 rows too many for golden_id, field",
    )


def test_a_mart_is_looked_up_in_the_published_copy(warehouse, settings):
    with Warehouse(settings.published).connect() as published:
        published.execute("create table sync_status as select 'hubspot/contacts/1' as record_key from range(2)")
        published.execute("comment on column sync_status.record_key is 'system/object/id.'")
    table = table_of(settings, "publish", "sync_status")
    with warehouse.read() as connection:
        kept = contract.results(connection, settings, [table])[table]
    assert (kept.check.passed, kept.check.description) == (False, "1 rows too many for record_key")
    [column] = kept.columns["dagster/column_schema"].columns
    assert (column.name, column.type, column.description, column.constraints.unique) == (
        "record_key",
        "VARCHAR",
        "system/object/id.",
        True,
    )


def test_columns_are_known_before_the_first_run(settings):
    shown = contract.metadata(table_of(settings, "golden", "link"), settings)
    columns = {column.name: column for column in shown["dagster/column_schema"].columns}
    assert list(columns) == [column.name for column in declared()["golden.link"]]
    assert not columns["golden_id"].constraints.nullable
    assert columns["record_key"].constraints.unique
    assert columns["retired"].constraints.nullable
    assert columns["record_key"].description == "The record: system/object/id."


def test_every_column_of_a_declared_table_says_what_it_is(settings):
    every = chain.from_iterable(tables.of_step(step, settings) for step in flow.steps(settings))
    shown = {table.relation: contract.metadata(table, settings).get("dagster/column_schema") for table in every}
    without = [(name, c.name) for name, schema in shown.items() if schema for c in schema.columns if not c.description]
    assert without == []


def test_what_can_hold_something_about_a_person_is_a_tag_of_the_column(settings):
    shown = contract.metadata(table_of(settings, "plan", "change"), settings)["dagster/column_schema"]
    personal = {column.name: column.description for column in shown.columns if column.tags}
    assert personal == {
        "old": "CRM field -> value before.",
        "new": "CRM field -> value written.",
        "source_value": "CRM field -> value of the source when it was planned.",
    }
