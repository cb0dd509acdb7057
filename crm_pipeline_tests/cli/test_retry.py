import pytest

from crm_pipeline.errors import ConfigError, NotFoundError


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
    [
        ((), ""),
        (("--run", "2"), "a"),
        (("--code", "INVALID_OPTION"), "ab"),
        (("--run", "1", "--code", "INVALID_OPTION"), "abc"),
    ],
)
def test_what_is_named_is_let_out(cli, warehouse, quarantined, words, kept):
    cli("retry", *words)
    assert left(warehouse) == kept


def test_every_code_comes_with_its_meaning_and_what_to_do(cli, quarantined):
    said = cli("retry")
    assert "2  Salesforce FIELD_CUSTOM_VALIDATION_EXCEPTION (value)" in said
    assert "A validation rule of the organisation refuses the record." in said
    assert "3 writes are tried once more by the next run" in said
    assert cli("retry") == "nothing like that is in quarantine; in it is nothing\n"


def test_an_unknown_code_is_said_with_those_that_there_are(cli, warehouse, quarantined):
    with pytest.raises(ConfigError) as raised:
        cli("retry", "--code", "NOPE")
    there = "FIELD_CUSTOM_VALIDATION_EXCEPTION (2), INVALID_OPTION (1)"
    assert str(raised.value) == f"there is no code NOPE; in quarantine are: {there}"
    assert left(warehouse) == "abc"
    assert f"in it are: {there}" in cli("retry", "--code", "STRING_TOO_LONG"), "a code that nothing has now"


def test_a_code_that_nobody_listed_is_known_while_something_has_it(cli, warehouse, quarantined):
    with warehouse.connect() as connection:
        connection.execute("update state.quarantine set code = 'BRAND_NEW' where fingerprint = 'c'")
    cli("retry", "--code", "BRAND_NEW")
    assert left(warehouse) == "ab"


def test_an_unknown_run_is_said_with_the_newest_one(cli, warehouse, quarantined):
    with pytest.raises(NotFoundError, match=r"there is no run 9; the newest one is 2"):
        cli("retry", "--run", "9")
    assert left(warehouse) == "abc"
