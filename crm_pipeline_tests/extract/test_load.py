"""Loading is idempotent, keeps every replaced version, and retires on positive evidence only."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import Tombstone
from crm_pipeline.extract.loading.load import MEMORY, Interval, Loader
from crm_pipeline.extract.reading.spool import Question, Spool
from crm_pipeline.model import SourceRecord, System, Version
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.extract.faults.outcomes import ALL

_T0 = datetime(2026, 11, 1, tzinfo=UTC)
_TABLE = "raw.hubspot_contacts"


def _hours(number):
    return None if number is None else _T0 + timedelta(hours=number)


def _record(record_id, hour=0, history=None, **fields):
    return SourceRecord(System.HUBSPOT, "contacts", record_id, _T0, _hours(hour), "u", fields, history or {})


def _same(_name, left, right):
    """Equal but for blanks around."""
    return str(left).strip() == str(right).strip()


class Reads:
    """A warehouse and the folder of its spools. Every `read` is one run."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder / "crm.duckdb")
        self._folder = folder
        self._run = 0

    def read(self, *records, gone=(), versions=(), previous=None, ended=100, other_fields=False):
        self._run += 1
        folder = self._folder / str(self._run)
        folder.mkdir()
        with Spool(folder, Question("1", "", None), _T0, _same) as spool:
            spool.add_records(records)
            spool.add_tombstones(gone)
            spool.add_versions(versions)
            with self.warehouse.connect(memory=MEMORY) as connection:
                loader = Loader(connection, System.HUBSPOT, "contacts", self._run)
                loader.stage(spool)
                self.counts = loader.counts(there=0, full=True, lately=_hours(50))
                self.unseen = loader.unseen()
                self.quarantined = loader.quarantine()
                return loader.load(spool, Interval(_hours(previous), _hours(ended), other_fields), _same)

    def rows(self, sql):
        with self.warehouse.read() as connection:
            return connection.execute(sql).fetchall()

    def changed(self, record_id, name):
        ((text,),) = self.rows(f"select changed from {_TABLE} where record_id = '{record_id}'")
        return json.loads(text)[name]

    def fields(self):
        return {i: json.loads(f) for i, f in self.rows(f"select record_id, fields from {_TABLE}")}


@pytest.fixture
def world(tmp_path):
    return Reads(tmp_path)


def _entry(at, after, certain):
    def iso(hour):
        return hour and _hours(hour).isoformat(timespec="microseconds")

    return {"at": iso(at), "after": iso(after), "certain": certain}


def test_a_first_sight_without_history_has_an_upper_bound(world):
    assert world.read(_record("1", 5, a="x")).new == 1
    assert world.changed("1", "a") == _entry(5, None, False)


def test_a_first_sight_with_history_is_certain(world):
    world.read(_record("1", 5, a="x", history={"a": (Version("x", _hours(3)),)}))
    assert world.changed("1", "a") == _entry(3, 3, True)


def test_a_change_replaces_the_version_and_keeps_the_old_one(world):
    world.read(_record("1", 5, a="x", b="y"))
    loaded = world.read(_record("1", 9, a="z", b="y"), previous=6)
    assert (loaded.new, loaded.changed) == (0, 1)
    assert world.fields() == {"1": {"a": "z", "b": "y"}}
    assert world.changed("1", "a") == _entry(9, 6, False)
    assert world.changed("1", "b") == _entry(5, None, False)
    ((fields, first, last),) = world.rows("select fields, first_run, last_run from raw.history")
    assert (json.loads(fields), first, last) == ({"a": "x", "b": "y"}, 1, 2)


@pytest.mark.parametrize(("modified", "at"), [(2, 6), (9, 9), (200, 100)])
def test_an_uncertain_change_lies_in_the_interval_that_saw_it(world, modified, at):
    world.read(_record("1", 1, a="x"))
    world.read(_record("1", modified, a="z"), previous=6, ended=100)
    assert world.changed("1", "a") == _entry(at, 6, False)


def test_a_change_with_history_is_certain(world):
    world.read(_record("1", 5, a="x"))
    world.read(_record("1", 9, a="z", history={"a": (Version("z", _hours(7)), Version("x", _T0))}), previous=6)
    assert world.changed("1", "a") == _entry(7, 7, True)


def test_history_that_comes_later_makes_an_unchanged_value_certain(world):
    world.read(_record("1", 5, a="x", b="y"))
    again = _record("1", 5, a="x", b="y", history={"a": (Version("x", _hours(3)),)})
    assert world.read(again, previous=6, other_fields=True).changed == 0
    assert world.changed("1", "a") == _entry(3, 3, True)
    assert world.changed("1", "b") == _entry(5, None, False)
    assert world.rows("select * from raw.history") == []


def test_a_value_spelled_differently_keeps_its_time(world):
    world.read(_record("1", 5, a="x"))
    world.read(_record("1", 9, a="x "), previous=6)
    assert world.fields() == {"1": {"a": "x "}}
    assert world.changed("1", "a") == _entry(5, None, False)


def test_an_unchanged_record_adds_nothing_but_follows_its_time(world):
    world.read(_record("1", 5, a="x"))
    loaded = world.read(_record("1", 9, a="x"), previous=6)
    assert (loaded.new, loaded.changed) == (0, 0)
    assert world.rows(f"select run_id, modified_at from {_TABLE}") == [(1, _hours(9))]
    assert world.rows("select * from raw.history") == []


def test_a_field_that_vanishes_is_unknown_and_comes_back_as_first_seen(world):
    world.read(_record("1", 1, a="x", b="y"))
    world.read(_record("1", 2, a="x"), previous=1)
    assert world.fields() == {"1": {"a": "x"}}
    world.read(_record("1", 3, a="x", b="y"), previous=2)
    assert world.changed("1", "b") == _entry(3, None, False)


def test_the_version_read_last_counts(world):
    world.read(_record("1", 5, a="new"), _record("1", 4, a="old"), _record("2", 1, a="p"), _record("2", 1, a="q"))
    assert world.fields() == {"1": {"a": "new"}, "2": {"a": "q"}}


def test_a_tombstone_retires_and_a_record_that_is_live_again_is_restored(world):
    world.read(_record("1", a="x"), _record("2", a="y"))
    assert world.read(gone=[Tombstone("contacts", "1", "deleted", _hours(8))]).retired == 1
    assert world.rows(f"select record_id, retired from {_TABLE} order by 1") == [("1", "deleted"), ("2", None)]
    assert world.read(gone=[Tombstone("contacts", "1", "deleted", _hours(8))]).retired == 0
    assert world.read(_record("1", a="x")).restored == 1
    assert world.rows(f"select retired from {_TABLE}") == [(None,), (None,)]
    assert world.rows("select * from raw.tombstone") == []


def test_a_record_that_goes_while_it_is_read_is_retired(world):
    loaded = world.read(_record("1", a="x"), gone=[Tombstone("contacts", "1", "deleted", _hours(8))])
    assert (loaded.new, loaded.retired) == (1, 1)


def test_a_chain_of_merges_leads_to_the_last_survivor(world):
    world.read(*(_record(i) for i in "1234"))
    world.read(gone=[Tombstone("contacts", "1", "merged", None, "contacts", "2")])
    world.read(gone=[Tombstone("contacts", "2", "merged", None, "contacts", "3")])
    world.read(gone=[Tombstone("contacts", "3", "merged", None, "contacts", "4")])
    survivors = dict(world.rows("select record_id, survivor_id from raw.tombstone"))
    assert survivors == {"1": "4", "2": "4", "3": "4"}
    assert world.read(gone=[Tombstone("contacts", "1", "merged", None, "contacts", "2")]).retired == 0
    assert dict(world.rows("select record_id, survivor_id from raw.tombstone")) == survivors


def test_a_survivor_is_not_forgotten_when_the_loser_is_purged(world):
    world.read(_record("1"), _record("2"))
    world.read(gone=[Tombstone("contacts", "1", "merged", None, "contacts", "2")])
    world.read(gone=[Tombstone("contacts", "1", "deleted", _hours(9))])
    assert world.rows("select reason, survivor_id from raw.tombstone") == [("merged", "2")]
    assert world.rows(f"select retired from {_TABLE} where record_id = '1'") == [("merged",)]


def test_records_missing_from_a_full_read_are_counted_not_deleted(world):
    world.read(*(_record(i) for i in "12345"))
    world.read(_record("1"), _record("6", 60), gone=[Tombstone("contacts", "2", "deleted")])
    assert world.counts.before == 4
    assert world.counts.surplus == 3
    assert world.unseen == ["3", "4", "5"]
    assert world.counts.here == 5
    assert world.rows(f"select count(*) from {_TABLE} where retired is null") == [(5,)]


_VALUES = st.sampled_from(["x", "y", "x ", None, "", "a\x00b", "\u2028", "NA"])
_PAGES = st.lists(st.tuples(st.sampled_from("123"), st.integers(0, 9), _VALUES), max_size=6)


@settings(max_examples=15, deadline=None)
@given(reads=st.lists(_PAGES, max_size=3))
def test_law_27_overlapping_windows_change_nothing(tmp_path_factory, reads):
    world = Reads(tmp_path_factory.mktemp("law"))
    for page in reads:
        world.read(*(_record(i, hour, a=value) for i, hour, value in page), previous=0)
    everything = f"select record_id, fields, changed, run_id from {_TABLE} order by 1", "from raw.history order by all"
    before = [world.rows(sql) for sql in everything] if reads else []
    if reads:
        live = world.fields()
        again = world.rows(f"select record_id, modified_at from {_TABLE}")
        records = [SourceRecord(System.HUBSPOT, "contacts", i, _T0, at, "u", live[i]) for i, at in again]
        loaded = world.read(*records, previous=0)
        assert (loaded.new, loaded.changed, loaded.retired, loaded.restored) == (0, 0, 0, 0)
        assert [world.rows(sql) for sql in everything] == before


@pytest.mark.parametrize("number", [2_500 if ALL else 100])
def test_records_with_many_fields_need_no_more_memory_than_loading_may_use(tmp_path, number):
    """2,500 did before each document was taken apart once; fewer fit anyway."""
    fields = {f"field_{place}": "value" for place in range(400)}
    reads = Reads(tmp_path)
    assert reads.read(*(_record(str(place), **fields) for place in range(number))).new == number
    fields["field_7"] = "another"
    changed = reads.read(*(_record(str(place), hour=60, **fields) for place in range(number)), previous=50).changed
    assert changed == number
    assert reads.rows(
        f"select count(*) from {_TABLE} where (changed->'field_7'->>'at') like '%T12:00%' "
        "and (changed->'field_8'->>'at') like '%T00:00%'"
    ) == [(number,)]
