"""Law 44 over every table that there is and will be: with a row of the person in each, none says anything after it."""

from crm_pipeline.privacy import places, proof
from crm_pipeline.privacy.erase import erase
from crm_pipeline.privacy.person import find
from crm_pipeline_tests.privacy.conftest import YAMADA

SENTINEL = "ZQSENTINELQZ"
#: Tables whose rows are nobody's. A new one belongs here, or names people by columns that places.py knows.
OF_NOBODY = {
    "golden": "followed remembered",
    "match": "block_rules coverage state",
    "normalise": "value",
    "plan": "compatibility guard plan",
    "publish": "agreement duplicates quality reach",
    "push": "code job",
    "raw": "account call field_seen hidden_object reconciliation schema_change schema_field stage tombstone user "
    "watermark",
    "state": "alert approval counter creating erasure run salt step suppressed version",
}

_OF_THE_PERSON = {
    "system": "hubspot",
    "object": "contacts",
    "from_object": "contacts",
    "to_object": "contacts",
    "record_id": "151",
    "from_id": "151",
    "to_id": "151",
    "golden_id": "person-1",
    "survivor_id": "person-1",
    "kind": "person",
    "state": "landed",
    "operation": "update",
    # our own words, in the rows that the accounts need
    **dict.fromkeys(("field", "op_id", "rule", "code", "problem_state", "reason"), "word"),
} | dict.fromkeys(places._RECORD_KEYS, YAMADA)


def value(column: str, type_: str) -> str:
    """A value of the person's, as SQL."""
    if type_ == "VARCHAR":
        return f"'{_OF_THE_PERSON.get(column, SENTINEL)}'"
    if type_ == "JSON":
        return f"""'{{"lastname": "{SENTINEL}"}}'"""
    if type_.endswith("[]"):
        return f"['{SENTINEL}']" if type_ == "VARCHAR[]" else "[]"
    simple = {"BOOLEAN": "true", "DATE": "current_date"}
    return simple.get(type_, "map {}" if type_.startswith("MAP") else "now()" if "TIME" in type_ else "1")


def test_law_44_no_table_says_anything_of_an_erased_person(warehouse, settings):
    with warehouse.connect() as connection:
        find(connection, settings, "person-1")
        theirs = {place.table: place for place in places.places(connection)}
        tables = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index), "
            "list(data_type order by column_index) from duckdb_columns() join duckdb_tables() "
            "using (database_name, schema_name, table_name) "
            "where database_name = current_database() and not temporary group by all"
        ).fetchall()
        nobodys = {t for t, *_ in tables if t not in theirs and not t.startswith(("raw.hubspot_", "raw.salesforce_"))}
        assert nobodys == {f"{schema}.{name}" for schema, names in OF_NOBODY.items() for name in names.split()}
        for table, names, types in tables:
            if table in theirs and not table.startswith(("raw.hubspot_", "raw.salesforce_")):
                row = ", ".join(value(*column) for column in zip(names, types, strict=True))
                connection.execute(f"insert into {table} values ({row})")
        assert len(proof.in_database(connection, [SENTINEL], "").hits) > len(theirs)
        erased = erase(connection, settings, "person-1", "監査")
        assert proof.in_database(connection, [SENTINEL, "山田", "yamada@aaa.jp"], "").hits == ()
        kept = {t: p.table for t, p in theirs.items() if p.emptied}
        assert {t for t in kept if connection.execute(f"select count(*) from {t}").fetchone() == (1,)} == set(kept)
        assert connection.execute("select golden_id, record_key from golden.link order by all").fetchall() == [
            ("company-1", "hubspot/companies/1"),
            ("person-2", "hubspot/contacts/152"),
        ]
        assert connection.execute("select record_id from raw.hubspot_notes").fetchall() == [("2",)]
    assert erased.number == 1
