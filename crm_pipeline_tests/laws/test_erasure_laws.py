"""Law 44 over drawn organisations: people with several records, values of their own and values that they share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.model import Kind, SourceRecord, System
from crm_pipeline.privacy import proof, suppression
from crm_pipeline.privacy.erase import erase
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.privacy.conftest import AT, link, record

SETTINGS = load_settings()
NOW = datetime.fromisoformat(AT)
NAMES = {
    "hubspot/contacts": ("lastname", "firstname", "email", "phone", "city"),
    "salesforce/Lead": ("LastName", "FirstName", "Email", "Phone", "City"),
}
TEXT = st.text(st.characters(categories=("L", "N"), exclude_characters="\x00"), min_size=5, max_size=9)
SHARED = ("田中", "太郎", "info@aaa.jp", "026-222-3333", "長野市")

#: A record: its object, and for each field a text of its own, the one that everybody shares, or nothing.
VALUE = st.one_of(TEXT, st.just("="), st.none())
RECORD = st.tuples(st.sampled_from(sorted(NAMES)), st.lists(VALUE, min_size=5, max_size=5))
PEOPLE = st.lists(st.lists(RECORD, min_size=1, max_size=3), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with Warehouse(tmp_path_factory.mktemp("drawn") / "crm.duckdb").connect() as connection:
        connection.execute("commit")
        yield connection
        connection.execute("begin")


@given(PEOPLE)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_44_what_only_the_erased_person_said_is_nowhere_and_nobody_else_is_touched(
    connection: Connection, people: list[list[tuple[str, list[str | None]]]]
) -> None:
    connection.execute("begin")
    try:
        told = fill(connection, people)
        before = of_others(connection)
        erase(connection, SETTINGS, "person-0", "監査")
        mine, theirs = told[0], " ".join(text for one in told[1:] for text in one.values() if text).lower()
        own = sorted({text for text in mine.values() if text and text.lower() not in theirs})
        if own:
            assert proof.in_database(connection, own, "").hits == ()
        assert of_others(connection) == before
        check_reads(connection, people)
    finally:
        connection.execute("rollback")


def fill(connection: Connection, people: list[list[tuple[str, list[str | None]]]]) -> list[dict[str, str | None]]:
    """Records, their history and links. Returns what each person's records say, by record and field."""
    found = []
    for number, records in enumerate(people):
        said: dict[str, str | None] = {}
        for place, (of, drawn) in enumerate(records):
            fields = fields_of(of, drawn, f"{number}{place}")
            system, object_ = of.split("/")
            record_id = f"{number}0{place}"
            insert(connection, f"raw.{system}_{object_.lower()}", [record(record_id, **fields)])
            old = {name: f"old{text}" if text else text for name, text in fields.items()}
            row = {"system": system, "object": object_, "record_id": record_id, "modified_at": AT, "fields": old}
            insert(connection, "raw.history", [row | {"first_run": 1, "last_run": 2}])
            insert(connection, "golden.link", [link(f"person-{number}", f"{of}/{record_id}")])
            said |= {f"{place}{name}": text for name, text in fields.items()}
            said |= {f"{place}old{name}": text for name, text in old.items()}
        found.append(said)
    return found


def fields_of(of: str, drawn: list[str | None], tail: str) -> dict[str, str | None]:
    names = NAMES[of]
    texts = [shared if one == "=" else one and f"{one}{tail}" for one, shared in zip(drawn, SHARED, strict=True)]
    texts[2] = texts[2] if texts[2] is None or "@" in texts[2] else f"{texts[2]}@own.jp"
    return dict(zip(names, texts, strict=True))


def of_others(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select record_key, fields::varchar, golden_id from raw.record join golden.link using (record_key) "
        "where golden_id <> 'person-0' order by all"
    ).fetchall()


def check_reads(connection: Connection, people: list[list[tuple[str, list[str | None]]]]) -> None:
    """The person's records stay out of the next read, everybody else's come in."""
    keys = {key for key, *_ in of_others(connection)}
    for number, records in enumerate(people):
        for place, (of, drawn) in enumerate(records):
            system, object_ = of.split("/")
            gate = suppression.gate(
                connection, System(system), object_, SETTINGS.mapping.of(Kind.PERSON), "JP", lambda _, n=number: n > 0
            )
            fields = fields_of(of, drawn, f"{number}{place}")
            read = SourceRecord(System(system), object_, f"{number}0{place}", NOW, NOW, "u", fields)
            assert gate.keeps_out(read) == (number == 0)
            assert number == 0 or f"{of}/{number}0{place}" in keys
