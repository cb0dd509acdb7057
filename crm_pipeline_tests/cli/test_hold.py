import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline_tests.report.night import CONTACT


@pytest.fixture
def linked(warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into golden.link values ('person-1', 'person', ?, 'hubspot', 'contacts', '151', true, null, 1)",
            [CONTACT],
        )


def test_a_golden_record_is_held_shown_and_lifted(cli, linked):
    assert "crm-pipeline hold lift 1" in cli("hold", "person-1", "--field", "phone", "--by", "佐藤", "--why", "lawsuit")
    assert "person-1  phone  pinned by 佐藤" in cli("hold", "list")
    cli("hold", "lift", "1", "--by", "鈴木")
    assert "Nothing is held" in cli("hold", "list")
    assert ": 鈴木  (lawsuit)" in cli("hold", "list", "--all")


def test_a_record_is_held_by_its_key(cli, linked, warehouse):
    cli("hold", "set", CONTACT, "--by", "佐藤")
    with warehouse.read() as connection:
        assert connection.execute("select golden_id, record_key, field from state.hold").fetchall() == [
            ("person-1", CONTACT, None)
        ]


def test_a_wrong_name_is_told(cli, linked):
    for words, said in {
        ("person-9",): "no golden record person-9",
        ("hubspot/contacts/9",): "no record is called hubspot/contacts/9",
        ("person-1", "--field", "shoe_size"): "has no field shoe_size; choose from name, e_mail",
    }.items():
        with pytest.raises(NotFoundError, match=said):
            cli("hold", *words, "--by", "佐藤")
