"""Salesforce's relations follow the look-up fields of live records, whatever happened to them."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.errors import WarehouseError
from crm_pipeline.extract.reading import watermark
from crm_pipeline.extract.relations import look_ups
from crm_pipeline.extract.relations.relations import SALESFORCE, needed
from crm_pipeline.extract.schema import schema_table
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.extract.ground import put
from crm_pipeline_tests.narrow import people_and_companies

_SETTINGS = load_settings()
_OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Case", "Task", "Event")


class Ground:
    """A warehouse whose Salesforce tables are filled by hand."""

    def __init__(self, path) -> None:
        self.warehouse = Warehouse(path)
        self.run_id = 1
        with self.warehouse.connect() as connection:
            for object_ in _OBJECTS:
                put(connection, System.SALESFORCE, object_, {})
        self.show()

    def show(self, *hidden):
        """The fields that relations need, less some: (object, field)."""
        with self.warehouse.connect() as connection:
            for object_ in _OBJECTS:
                fields = [FieldSchema(n, n, "reference") for n in needed(System.SALESFORCE, object_)]
                visible = [f for f in fields if (object_, f.name) not in hidden]
                schema_table.store(connection, System.SALESFORCE, object_, visible, self.run_id)

    def put(self, object_, records, retired=None):
        with self.warehouse.connect() as connection:
            put(connection, System.SALESFORCE, object_, records, run_id=self.run_id, retired=retired)

    def relate(self, *, full=False):
        found = look_ups.relate(self.warehouse, _SETTINGS, self.run_id, full=full)
        self.run_id += 1
        return found

    def rows(self, columns="from_object, from_id, to_object, to_id"):
        with self.warehouse.read() as connection:
            rows = connection.execute(f"select {columns} from raw.association order by all").fetchall()
        assert len({row[:4] for row in rows}) == len(rows)
        return rows


@pytest.fixture
def ground(tmp_path):
    return Ground(tmp_path / "crm.duckdb")


@pytest.mark.parametrize(
    ("object_", "fields", "related"),
    [
        ("Contact", {"AccountId": "001A"}, [("Contact", "x", "Account", "001A")]),
        ("Contact", {"AccountId": None}, []),
        ("Contact", {"AccountId": ""}, []),
        ("Opportunity", {"AccountId": "001A"}, [("Opportunity", "x", "Account", "001A")]),
        (
            "Case",
            {"AccountId": "001A", "ContactId": "003C"},
            [("Case", "x", "Account", "001A"), ("Case", "x", "Contact", "003C")],
        ),
        (
            "Task",
            {"WhoId": "003C", "WhatId": "006D"},
            [("Task", "x", "Contact", "003C"), ("Task", "x", "Opportunity", "006D")],
        ),
        ("Task", {"WhoId": "00QL", "WhatId": "500E"}, [("Task", "x", "Case", "500E"), ("Task", "x", "Lead", "00QL")]),
        ("Event", {"WhoId": None, "WhatId": "001A"}, [("Event", "x", "Account", "001A")]),
        ("Event", {"WhoId": None, "WhatId": "a0XP"}, [("Event", "x", "", "a0XP")]),
        (
            "OpportunityContactRole",
            {"OpportunityId": "006D", "ContactId": "003C", "Role": None, "IsPrimary": False},
            [("Opportunity", "006D", "Contact", "003C")],
        ),
    ],
)
def test_a_look_up_is_a_relation(ground, object_, fields, related):
    ground.put(object_, {"x": fields})
    assert ground.relate() == (len(related), [])
    assert ground.rows() == related


def test_a_role_carries_its_name_and_whether_it_is_the_main_one(ground):
    role = {"OpportunityId": "006D", "ContactId": "003C"}
    ground.put(
        "OpportunityContactRole",
        {
            "a": role | {"Role": "決裁者", "IsPrimary": False},
            "b": role | {"Role": "Evaluator", "IsPrimary": True},
            "c": role | {"ContactId": "003E"},
        },
    )
    ground.relate()
    assert ground.rows("from_id, to_id, is_primary, label") == [
        ("006D", "003C", True, "Evaluator;決裁者"),
        ("006D", "003E", False, ""),
    ]


def test_a_night_without_changes_writes_nothing(ground):
    ground.put("Contact", {"x": {"AccountId": "001A"}})
    ground.relate()
    assert ground.relate() == (0, [])
    assert ground.relate(full=True) == (0, [])


def test_a_role_that_is_taken_away_ends_the_relation_of_two_live_records(ground):
    role = {"OpportunityId": "006D", "ContactId": "003C", "Role": "a", "IsPrimary": True}
    ground.put("OpportunityContactRole", {"r": role, "s": role | {"ContactId": "003E"}})
    ground.relate()
    ground.put("OpportunityContactRole", {"r": role}, retired="deleted")
    ground.relate()
    assert ground.rows("to_id") == [("003E",)]


def test_relations_of_a_retired_record_go_and_come_back_with_it(ground):
    deal = {"006D": {"AccountId": "001A"}}
    role = {"r": {"OpportunityId": "006D", "ContactId": "003C", "Role": None, "IsPrimary": True}}
    ground.put("Opportunity", deal)
    ground.put("OpportunityContactRole", role)
    ground.relate()
    ground.put("Opportunity", deal, retired="deleted")
    ground.relate()
    assert ground.rows() == []
    ground.put("Opportunity", deal)
    ground.put("OpportunityContactRole", role)
    ground.relate()
    assert len(ground.rows()) == 2


def test_a_hidden_look_up_leaves_the_relation_as_it_was_and_is_named(ground):
    ground.put("Contact", {"x": {"AccountId": "001A"}, "y": {"AccountId": "001B"}})
    ground.relate()
    ground.show(("Contact", "AccountId"))
    ground.put("Contact", {"x": {}, "y": {}})
    written, unknown = ground.relate(full=True)
    assert written == 0
    assert [sentence.partition(" cannot")[0] for sentence in unknown] == ["Salesforce Contact.AccountId"]
    assert ground.rows("from_id, to_id") == [("x", "001A"), ("y", "001B")]
    ground.show()
    ground.put("Contact", {"x": {"AccountId": "001C"}})  # y was not read again: nothing is known of it
    ground.relate()
    assert ground.rows("from_id, to_id") == [("x", "001C"), ("y", "001B")]
    ground.relate(full=True)
    assert ground.rows("from_id, to_id") == [("x", "001C"), ("y", "001B")]


def test_mapped_records_come_before_their_relations(tmp_path):
    with pytest.raises(WarehouseError, match="Salesforce Contact have not been read yet"):
        look_ups.relate(Warehouse(tmp_path / "crm.duckdb"), _SETTINGS, 1)


def test_objects_that_are_not_read_have_no_relations(tmp_path):
    warehouse = Warehouse(tmp_path / "crm.duckdb")
    with warehouse.connect() as connection:
        put(connection, System.SALESFORCE, "Contact", {"x": {"AccountId": "001A"}})
        schema_table.store(connection, System.SALESFORCE, "Contact", [FieldSchema("AccountId", "", "reference")], 1)
    look_ups.relate(warehouse, people_and_companies(_SETTINGS), 1)
    with warehouse.read() as connection:
        assert watermark.read(connection, System.SALESFORCE, "Contact/Account")[0] is not None
        assert watermark.read(connection, System.SALESFORCE, "Task/Who")[0] is None


def test_names_of_relations_are_distinct():
    assert len({one.name for one in SALESFORCE}) == len(SALESFORCE)


_ids = st.sampled_from(["001A", "003C", "003E", "006D", "00QL", "500E", "a0XP", "", None])
_step = st.dictionaries(st.sampled_from("xyz"), st.tuples(_ids, _ids, st.booleans()), max_size=3)


@hypothesis_settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_step, min_size=1, max_size=3))
def test_step_by_step_or_all_at_once_is_the_same(ground, steps):
    for step in [dict.fromkeys("xyz", (None, None, False)), *steps]:
        for record_id, (who, what, live) in step.items():
            ground.put("Task", {record_id: {"WhoId": who, "WhatId": what}}, retired=None if live else "deleted")
        ground.relate()
    by_step = ground.rows()
    assert ground.relate(full=True) == (0, [])
    assert ground.rows() == by_step
