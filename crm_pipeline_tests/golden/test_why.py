"""`golden.why`: for each golden record every link between its records, and the reasons."""

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import CONTACT, LEAD, write_night


@pytest.fixture
def linked(tmp_path) -> Warehouse:
    """A night whose pair in review is one golden record."""
    warehouse = write_night(tmp_path / "crm.duckdb")
    with warehouse.connect() as connection:
        for key in (CONTACT, LEAD):
            system, object_, record_id = key.split("/")
            insert(
                connection,
                "golden.link",
                [
                    {
                        "golden_id": "person-1",
                        "kind": "person",
                        "record_key": key,
                        "system": system,
                        "object": object_,
                        "record_id": record_id,
                        "is_primary": True,
                        "retired": None,
                        "since_run": 1,
                    }
                ],
            )
    return warehouse


def why(warehouse):
    with warehouse.read() as connection:
        return connection.execute(
            "select golden_id, left_key, right_key, found_as, reasons, said from golden.why"
        ).fetchall()


def test_a_link_is_told_with_its_reasons_in_words(linked):
    assert why(linked) == [("person-1", CONTACT, LEAD, "possible", ["+ both are 松本"], None)]


def test_a_persons_word_is_told_also_where_nothing_was_compared(linked):
    with linked.connect() as connection:
        connection.execute("delete from match.pair")
        connection.execute(
            "insert into state.decision values (?, ?, 'match', '佐藤', now(), '', '', '1')", [CONTACT, LEAD]
        )
    assert why(linked) == [("person-1", CONTACT, LEAD, "decided", [], "match")]


def test_a_record_that_we_created_is_told_as_such(linked):
    with linked.connect() as connection:
        connection.execute("delete from match.pair")
        insert(
            connection,
            "golden.entity",
            [{"golden_id": "person-1", "kind": "person", "anchor_key": CONTACT, "created_run": 1}],
        )
        connection.execute("insert into state.link values (?, 'person-1', 'created', 1)", [LEAD])
    assert why(linked) == [("person-1", CONTACT, LEAD, "created", ["+ we created the record for this customer"], None)]
