import pytest

from crm_pipeline.errors import NotFoundError


@pytest.fixture
def quarantined(warehouse):
    with warehouse.connect() as connection:
        for run_id in (1, 2):
            connection.execute("insert into state.run values (?, '', '', now(), null, null, null)", [run_id])
        connection.execute(
            "insert into state.quarantine (fingerprint, record_key, field, code, message, run_id, system) values "
            "('a', 'salesforce/Lead/1', 'phone', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', '', 1, 'salesforce'), "
            "('b', 'salesforce/Lead/2', 'phone', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', '', 2, 'salesforce'), "
            "('c', 'hubspot/contacts/3', 'industry', 'INVALID_OPTION', '', 2, 'hubspot')"
        )


def left(warehouse):
    with warehouse.read() as connection:
        rows = connection.execute("select fingerprint from state.quarantine where released_at is null order by 1")
        return "".join(one for (one,) in rows.fetchall())


@pytest.mark.parametrize(
    ("words", "kept"),
    [((), ""), (("--run", "2"), "a"), (("--code", "INVALID_OPTION"), "ab"), (("--run", "1", "--code", "X"), "abc")],
)
def test_what_is_named_is_let_out(cli, warehouse, quarantined, words, kept):
    cli("retry", *words)
    assert left(warehouse) == kept


def test_every_code_comes_with_its_meaning_and_what_to_do(cli, quarantined):
    said = cli("retry")
    assert "2  Salesforce FIELD_CUSTOM_VALIDATION_EXCEPTION (value)" in said
    assert "A validation rule of the organisation refuses the record." in said
    assert "3 writes are tried once more by the next run" in said
    assert "nothing like that is in quarantine" in cli("retry")


def test_an_unknown_run_is_said_with_the_newest_one(cli, warehouse, quarantined):
    with pytest.raises(NotFoundError, match=r"there is no run 9; the newest one is 2"):
        cli("retry", "--run", "9")
    assert left(warehouse) == "abc"
