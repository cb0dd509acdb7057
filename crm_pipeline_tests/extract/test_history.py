"""History: what was known after each run, compact, and answerable field by field."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import FieldVersion, Tombstone
from crm_pipeline.model import Version
from crm_pipeline_tests.extract.test_load import _T0, Reads, _entry, _hours, _record

_VALUES = st.sampled_from(["x", "x ", "y", None])
_CHANGES = st.dictionaries(
    st.sampled_from("12"), st.one_of(st.just("gone"), st.fixed_dictionaries({}, optional={"a": _VALUES, "b": _VALUES}))
)


@pytest.fixture
def world(tmp_path):
    return Reads(tmp_path)


def _as_of(world, run):
    rows = world.rows(f"select record_id, fields, retired from raw.as_of({run})")
    assert len({record_id for record_id, *_ in rows}) == len(rows)
    return {record_id: (json.loads(fields), retired) for record_id, fields, retired in rows}


@settings(max_examples=8, deadline=None)
@given(runs=st.lists(_CHANGES, min_size=1, max_size=5))
def test_every_run_can_be_asked_for_afterwards(tmp_path_factory, runs):
    world = Reads(tmp_path_factory.mktemp("history"))
    state, snapshots, moves = {}, [], 0
    for number, changes in enumerate(runs):
        before = dict(state)
        records = [_record(i, number, **fields) for i, fields in changes.items() if fields != "gone"]
        gone = [Tombstone("contacts", i, "deleted", _hours(number)) for i, what in changes.items() if what == "gone"]
        world.read(*records, gone=gone, previous=number - 1 if number else None)
        state |= {record.record_id: (dict(record.fields), None) for record in records}
        state |= {g.record_id: (state[g.record_id][0], "deleted") for g in gone if g.record_id in state}
        snapshots.append(dict(state))
        moves += sum(before[i] != state[i] for i in before)
    assert [_as_of(world, run) for run in range(1, len(runs) + 1)] == snapshots
    assert world.rows("select count(*) from raw.history") == [(moves,)]


def test_a_time_that_moves_alone_is_no_version(world):
    world.read(_record("1", 1, a="x"))
    world.read(_record("1", 5, a="x"), previous=1)
    assert world.rows("select count(*) from raw.history") == [(0,)]
    assert world.rows("select since_run, modified_at from raw.as_of(2)") == [(1, _hours(5))]


def test_a_replaced_version_keeps_the_times_of_its_fields(world):
    world.read(_record("1", 1, a="x", b="y"))
    world.read(_record("1", 5, a="z", b="y"), previous=2)
    world.read(_record("1", 9, a="z", b="w"), previous=6)
    ((changed,),) = world.rows("select changed from raw.as_of(2)")
    assert json.loads(changed) == {"a": _entry(5, 2, False), "b": _entry(1, None, False)}


def test_a_record_that_changes_while_it_comes_back_is_one_version_more(world):
    world.read(_record("1", 1, a="x"))
    world.read(gone=[Tombstone("contacts", "1", "deleted", _hours(2))])
    world.read(_record("1", 3, a="y"), previous=2)
    versions = world.rows("select fields->>'a', retired, first_run, last_run from raw.history order by last_run")
    assert versions == [("x", None, 1, 2), ("x", "deleted", 2, 3)]
    assert _as_of(world, 3) == {"1": ({"a": "y"}, None)}


def test_a_field_history_of_its_own_makes_times_certain(world):
    def version(hour, value, record_id="1", name="a"):
        return FieldVersion(record_id, name, Version(value, _hours(hour)))

    world.read(_record("1", 9, a="z ", b="y"), versions=[version(3, "x"), version(7, "z"), version(8, "z ")])
    assert world.changed("1", "a") == _entry(7, 7, True)
    assert world.changed("1", "b") == _entry(9, None, False)
    world.read(_record("1", 20, a="w", b="y"), previous=10, versions=[version(15, "w"), version(12, "v")])
    assert world.changed("1", "a") == _entry(15, 15, True)
    world.read(_record("1", 30, a="u", b="y"), previous=21, versions=[version(25, "other"), version(25, "y", name="c")])
    assert world.changed("1", "a") == _entry(30, 21, False)


def test_an_entry_of_a_field_history_that_comes_late_makes_the_time_certain(world):
    world.read(_record("1", 5, a="x"))
    again = world.read(_record("1", 5, a="x"), previous=6, versions=[FieldVersion("1", "a", Version("x", _hours(4)))])
    assert (again.changed, world.changed("1", "a")) == (0, _entry(4, 4, True))
    assert world.rows("select count(*) from raw.history") == [(0,)]


def test_a_record_in_quarantine_leaves_it_when_it_comes_well(world):
    held = "select run_id, record_id, released_run from raw.quarantine order by all"
    world.read(_record("1", a="\ud83d"), _record("2", a="x"))
    world.read(_record("1", a="\ud83d"))
    assert world.counts.held_back == 1
    assert world.rows(held) == [(1, "1", None)]
    world.read(_record("1", a=float("inf")))
    assert world.rows(held) == [(1, "1", 3), (3, "1", None)]
    world.read(_record("1", 1, a="x"), _record("2", 1, a=["x"]))
    assert world.rows(held) == [(1, "1", 3), (3, "1", 4), (4, "2", None)]
    assert world.fields() == {"1": {"a": "x"}, "2": {"a": "x"}}
    world.read(gone=[Tombstone("contacts", "2", "deleted", _T0 + timedelta(hours=9))])
    assert world.rows("select count(*) from raw.quarantine where released_run is null") == [(0,)]
