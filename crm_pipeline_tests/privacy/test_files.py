"""Files beside the database are made free of a person too."""

import fcntl
import json
import stat

import duckdb
import pytest

from crm_pipeline.errors import WarehouseLockedError
from crm_pipeline.privacy import files, proof


@pytest.fixture
def here(tmp_path, settings, warehouse):
    """Settings whose files lie in one folder."""
    places = {"warehouse": warehouse.path, "published": tmp_path / "published.duckdb", "reports": tmp_path / "reports"}
    return settings.model_copy(update=places)


def test_a_rewritten_database_is_the_same_without_what_was_deleted(here):
    path = here.warehouse
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table gone as select 'ZQ' || range || 'GONEQZ' as text from range(3000)")
        connection.execute("checkpoint")
        connection.execute("delete from gone")
        connection.execute("checkpoint")
    assert proof.in_files([path], ["GONEQZ"]).hits
    files.rewrite(path)
    assert not proof.in_files([path], ["GONEQZ"]).hits
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.record").fetchone() == (5,)
        assert connection.execute("select count(*) from gone").fetchone() == (0,)
        assert connection.execute("from raw.as_of(1)").fetchall()
    assert not list(path.parent.glob("*.erasing*"))


def test_models_forget_what_nobody_says_any_more(here):
    folder = here.warehouse.with_name("crm_match_model")
    folder.mkdir()
    model = {
        "terms": {"family_key": {"other": 0.1, "shares": {"珍名": 0.2, "佐藤": 0.3}}},
        "shared": {"phone": ["+81", "1"]},
    }
    (folder / "person.json").write_text(json.dumps(model), encoding="utf-8")
    (folder / "company.json").write_text(json.dumps({"terms": {}}), encoding="utf-8")
    changed = files.forget_in_models(files.known(here), {"珍名", "+81"})
    assert [path.name for path in changed] == ["person.json"]
    left = json.loads((folder / "person.json").read_text(encoding="utf-8"))
    assert left["terms"]["family_key"]["shares"] == {"佐藤": 0.3}
    assert left["shared"] == {"phone": ["1"]}


def test_reports_that_name_the_person_go_as_do_copies_and_half_read_pages(here):
    here.reports.mkdir()
    (here.reports / "run-1.html").write_text("<td>O&#x27;Neill</td>", encoding="utf-8")
    (here.reports / "run-2.html").write_text("<td>佐藤</td>", encoding="utf-8")
    copy = here.warehouse.with_name("crm.duckdb.version-5.20260101T000000Z")
    copy.write_text("x", encoding="utf-8")
    spool = here.warehouse.with_name("crm.duckdb.spool") / "hubspot_contacts"
    spool.mkdir(parents=True)
    known = files.known(here)
    assert [path.name for path in files.remove_reports(known, ["O'Neill"])] == ["run-1.html"]
    assert set(files.remove(known)) == {copy, spool}
    assert not spool.exists()
    assert not copy.exists()


def test_nothing_is_erased_while_pages_are_being_read(here):
    spool = here.warehouse.with_name("crm.duckdb.spool") / "hubspot_contacts"
    spool.mkdir(parents=True)
    with (spool / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WarehouseLockedError, match="another process is reading into"):
            files.require_nobody_reads(files.known(here))
    files.require_nobody_reads(files.known(here))


def test_dagsters_home_is_looked_through_where_it_is_named(here, tmp_path, monkeypatch):
    home = tmp_path / "home" / "storage"
    home.mkdir(parents=True)
    (home / "events.db").write_bytes("…山田太郎…".encode())
    monkeypatch.setenv("DAGSTER_HOME", str(home.parent))
    known = files.known(here)
    looked = proof.everywhere(known.databases, known.every, ["山田太郎"])
    assert [hit.place for hit in looked.hits] == [str(home / "events.db")]
