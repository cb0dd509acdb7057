"""Every table and column of the published copy says what it means, and docs/tables.md says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.publish import stage
from crm_pipeline.publish.copying import LEFT_OUT
from crm_pipeline_tests.publish.tables_page import PAGE, made

#: Columns that always hold something about a person; `name` in a mart, too, but of these things.
_PERSONAL = {"e_mail", "phone", "mobile", "birth_date", "street", "fields", "losing", "owner", "decided_by", "actor"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a copy of an empty warehouse, and the page made of it."""
    folder = tmp_path_factory.mktemp("tables")
    return folder, made(folder)


@pytest.fixture
def copy(page: tuple[Path, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(page[0] / "copy.duckdb"), read_only=True) as connection:
        yield connection


def test_every_table_view_macro_and_column_says_what_it_means(copy: duckdb.DuckDBPyConnection) -> None:
    bare = """
        select schema_name || '.' || table_name from duckdb_tables() where comment is null
        union all select schema_name || '.' || view_name from duckdb_views() where comment is null and not internal
        union all select schema_name || '.' || function_name from duckdb_functions()
            where function_type = 'table_macro' and comment is null and not internal
        union all select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
            where comment is null and not internal
    """
    assert copy.execute(bare).fetchall() == []


def test_columns_about_people_are_marked(copy: duckdb.DuckDBPyConnection) -> None:
    unmarked = copy.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal "
        "and list_contains(?, column_name) and not contains(comment, '[personal]') and table_name not like 'company%'",
        [sorted(_PERSONAL)],
    ).fetchall()
    # names of objects and numbers of records are about nobody; a field change's actor is an id
    assert set(unmarked) == {("publish", "field_change", "actor")}


def test_the_page_is_as_the_database_says(page: tuple[Path, str]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page[1], "run: make docs"


def test_every_table_and_view_can_be_asked_and_what_only_a_run_needs_is_not_there(
    copy: duckdb.DuckDBPyConnection,
) -> None:
    names = [
        name
        for (name,) in copy.execute(
            "select distinct schema_name || '.\"' || table_name || '\"' from duckdb_columns() where not internal"
        ).fetchall()
    ]
    for name in names:
        copy.execute(f"from {name} limit 1")
    assert not {name.replace('"', "") for name in names} & set(LEFT_OUT)
    assert {f'main."{mart}"' for mart in (*stage.MARTS, "timeline")} <= set(names)


def test_a_column_of_a_mapped_field_has_the_label_of_the_mapping(copy: duckdb.DuckDBPyConnection) -> None:
    label = load_settings().mapping.person.fields[0].label.ja
    told = copy.execute(
        "select comment from duckdb_columns() where schema_name = 'golden' and table_name = 'person' "
        "and column_name = 'family_name'"
    ).fetchone()
    assert told
    assert f"（{label}）" in told[0]
