"""Which pairs the rules bring, and that one value shared by thousands does not cost a comparison of everybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.match.blocking import pairs, refresh_keys
from crm_pipeline.match.features import refresh
from crm_pipeline.match.model.start import start
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline_tests.match.records import mailbox, person, warehouse

#: {n} records with one value in common, each with a name of its own.
_STRANGERS = """
insert into normalise.person by name
select 'salesforce/Lead/' || i as record_key, 'salesforce' as "system", 'Lead' as object, i::varchar as record_id,
    now() as created_at, {family} as family_key, {given} as given_key, 'latin' as script, []::varchar[] as readings,
    []::varchar[] as name_flags, {e_mails} as e_mails, {phones} as phones, {birth} as birth_date
from range({n}) t(i)
"""


def _blocked(connection: Connection) -> None:
    refresh(connection, Kind.PERSON, load_settings(), start(Kind.PERSON, PERSON, {}, {}, {}))
    refresh_keys(connection, Kind.PERSON)
    pairs(connection, Kind.PERSON, load_settings())


def _count(connection: Connection) -> int:
    return int((connection.execute("select count(*) from pair").fetchone() or (0,))[0])


@pytest.mark.parametrize(
    ("count", "column", "value"),
    [
        (
            5_000,
            "e_mails",
            "[{'identity': 'info@aaa.jp', 'delivery': '', 'local': 'info', 'domain': 'aaa.jp', 'flags': []}]",
        ),
        (
            10_000,
            "phones",
            "[{'e164': '+81262000000', 'extension': null, 'status': 'valid', 'kind': 'fixed', 'prefecture': null}]",
        ),
        (5_000, "family", "'sato'"),
    ],
)
def test_a_value_that_thousands_share_costs_no_comparison_of_everybody(
    tmp_path: Path, count: int, column: str, value: str
) -> None:
    given = "'ken'" if column == "family" else "'g' || i"
    columns = {
        "family": "'f' || i",
        "given": given,
        "e_mails": "[]",
        "phones": "[]",
        "birth": "date '1950-01-01' + (i // 2)::integer",
    }
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        connection.execute(_STRANGERS.format(n=count, **{**columns, column: value}))
        _blocked(connection)
        # Two by two they have one birth date: those are compared, and few more.
        assert count / 3 < _count(connection) < 10 * count
        told = connection.execute("select sum(pairs) from match.coverage where rule like 'too large%'").fetchone()
    assert told is not None
    assert told[0] > count * count / 4


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        ({"family": "smith", "given": "john"}, {"family": "smyth", "given": "jon"}, "names as they sound"),
        ({"family": "richard", "given": "mcdonald"}, {"family": "mcdonald", "given": "richard"}, "full name"),
        ({"family": "斎藤", "given": "健二"}, {"family": "斉藤", "given": "健二"}, "full name"),
        (
            {"family": "smith", "given": "john", "birth_date": date(1980, 1, 2)},
            {"family": "smoth", "given": "johan", "birth_date": date(1980, 2, 1)},
            "beginning of the names and birth year",
        ),
        (
            {"family": "smith", "given": "john", "birth_date": date(1980, 1, 2)},
            {"family": "jones", "given": "steve", "birth_date": date(1980, 1, 2)},
            "birth date and initials",
        ),
        (
            {"family": "brown", "given": "anna", "postal_code": "3800001"},
            {"family": "white", "given": "anna", "postal_code": "3800001"},
            "given name and postal code",
        ),
        ({"e_mails": [mailbox("kenji.s@aaa.jp")]}, {"e_mails": [mailbox("kenji.s@bbb.jp")]}, "mailbox name"),
    ],
)
def test_a_slip_is_found_by_another_rule(
    tmp_path: Path, left: dict[str, Any], right: dict[str, Any], rule: str
) -> None:
    house = warehouse(tmp_path, [person("hubspot/contacts/1", **left), person("salesforce/Lead/1", **right)])
    with house.connect() as connection:
        _blocked(connection)
        found = connection.execute("select rule from match.coverage where pairs = 1").fetchall()
    assert (rule,) in found


def test_values_of_a_files_own_column_bring_pairs(tmp_path: Path) -> None:
    house = warehouse(tmp_path, [person("hubspot/contacts/1", "a"), person("salesforce/Lead/1", "b")])
    with house.connect() as connection:
        connection.execute(
            "create temp table extra as select record_key, 'ssn' as \"column\", 'X1' as value from normalise.person"
        )
        _blocked(connection)
        assert connection.execute("select rule from match.coverage where pairs = 1").fetchall() == [("own column",)]
