"""Laws of comparing ids: any two sets, for a CRM that is two sets of ids and counts its calls."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from math import ceil, log2
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import Span, Tombstone
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.spans import order_of
from crm_pipeline.errors import SafetyError, WarehouseError
from crm_pipeline.extract.completeness import local_ids
from crm_pipeline.extract.completeness.local_ids import LocalIds
from crm_pipeline.extract.completeness.reconcile import Method
from crm_pipeline.extract.completeness.repair import PAGE, mend, repair
from crm_pipeline.extract.reading.spool import Question, Spool
from crm_pipeline.model import SourceRecord, System

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class TwoSets:
    """A CRM: `listed` ids are counted and listed, `hidden` ones only read by id, `stones` are its evidence."""

    def __init__(
        self, system: System, listed: set[str], hidden: set[str] = frozenset(), stones: Sequence[Tombstone] = ()
    ) -> None:
        self.system = system
        self._order = order_of(system)
        self._listed = sorted(listed, key=self._order)
        self._readable = listed | hidden
        self._stones = {stone.record_id: stone for stone in stones}
        self.calls = 0

    def _in(self, span: Span | None) -> list[str]:
        span = span or Span()
        return [
            one
            for one in self._listed
            if self._order(one) > self._order(span.after) or not span.after
            if span.to is None or self._order(one) <= self._order(span.to)
        ]

    def count(self, object_: str, span: Span | None = None) -> int:
        self.calls += 1
        return len(self._in(span))

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        found, page = self._in(span), PAGE[self.system]
        for start in range(0, max(1, len(found)), page):
            self.calls += 1
            yield found[start : start + page]

    def read(self, object_: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, SourceRecord]:
        return {i: SourceRecord(self.system, object_, i, START, START, "", {}) for i in ids if i in self._readable}

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        return [self._stones[i] for i in ids if i in self._stones]


@cache
def an_id(system: System, number: int) -> str:
    """Ids in an order that is not the order of the numbers' texts."""
    if system is System.HUBSPOT:
        return str(number + 1)
    text = ""
    for _ in range(12):
        number, digit = divmod(number * 7 + 3, len(LETTERS))
        text += LETTERS[digit]
    return to_18(f"00Q{text}")


WRITER = duckdb.connect()


@contextmanager
def opened(system: System, ids: set[str]) -> Iterator[LocalIds]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "live.parquet"
        WRITER.execute("create or replace table live as select unnest(?::varchar[]) as record_id", [sorted(ids)])
        local_ids.write(WRITER, "select record_id from live", path)
        with LocalIds(path, system) as here:
            yield here


systems = st.sampled_from(list(System))
numbers = st.sets(st.integers(0, 3_000), max_size=40)


@st.composite
def two_sets(draw: st.DrawFn) -> tuple[System, set[str], set[str]]:
    """Many common ids, some that are only here, some only there."""
    system = draw(systems)
    common = set(range(draw(st.integers(0, 2_500))))
    here = {an_id(system, n) for n in (common - draw(numbers)) | draw(numbers)}
    there = {an_id(system, n) for n in (common - draw(numbers)) | draw(numbers)}
    return system, here, there


@settings(max_examples=8, deadline=None)
@given(two_sets())
def test_all_ids_give_the_differences_of_any_two_sets(case):
    system, here, there = case
    with opened(system, here) as local:
        found = repair(TwoSets(system, there), "x", local, 0, Method.ALL_IDS)
    assert (set(found.missing), set(found.kept)) == (there - here, here - there)
    assert found.there == len(there)


@settings(max_examples=8, deadline=None)
@given(two_sets())
def test_spans_give_differences_that_add_up_to_that_of_the_counts(case):
    system, here, there = case
    crm = TwoSets(system, there)
    with opened(system, here) as local:
        found = repair(crm, "x", local, 0, Method.SPANS)
    assert set(found.missing) <= there - here
    assert set(found.kept) <= here - there
    assert len(found.missing) - len(found.kept) == len(there) - len(here)
    assert crm.calls <= 2 * ceil(len(there) / PAGE[system]) + len(found.missing) + len(found.kept) + 2


@settings(max_examples=8, deadline=None)
@given(systems, st.integers(0, 2_500), numbers, st.booleans())
def test_spans_give_the_differences_when_one_side_only_lacks_some(system, common, lacking, is_here):
    whole = {an_id(system, n) for n in range(common)}
    part = whole - {an_id(system, n) for n in lacking}
    here, there = (part, whole) if is_here else (whole, part)
    with opened(system, here) as local:
        found = repair(TwoSets(system, there), "x", local, 0, Method.SPANS)
    assert (set(found.missing), set(found.kept)) == (there - here, here - there)


@pytest.mark.parametrize(("system", "number"), [(System.HUBSPOT, 10_000), (System.SALESFORCE, 30_000)])
@pytest.mark.parametrize("is_here", [True, False])
def test_one_difference_costs_a_logarithm_not_a_list(system, number, is_here):
    whole = {an_id(system, n) for n in range(number)}
    one = an_id(system, number // 3)
    here, there = (whole, whole - {one}) if is_here else (whole - {one}, whole)
    crm = TwoSets(system, there)
    with opened(system, here) as local:
        found = repair(crm, "x", local, 0, Method.SPANS)
    assert (found.missing, found.kept) == (([], [one]) if is_here else ([one], []))
    halvings = ceil(log2(number / PAGE[system]))
    assert crm.calls <= halvings + 3  # and the count of all, and the ids of the last span
    assert crm.calls < number / PAGE[system]


def test_agreeing_counts_cost_one_call():
    ids = {an_id(System.HUBSPOT, n) for n in range(1_000)}
    crm = TwoSets(System.HUBSPOT, ids)
    with opened(System.HUBSPOT, ids) as local:
        assert repair(crm, "x", local, 0, Method.SPANS).missing == []
    assert crm.calls == 1


def test_a_record_that_is_only_here_needs_evidence_to_be_gone():
    stones = [Tombstone("x", "3", "deleted")]
    crm = TwoSets(System.HUBSPOT, {"1"}, hidden={"2"}, stones=stones)
    with opened(System.HUBSPOT, {"1", "2", "3", "4"}) as local:
        found = repair(crm, "x", local, 4, Method.SPANS)
    assert found.fates == stones
    assert found.kept == ["4"]  # not 2: it can be read, an index that lags does not show it yet


def test_a_list_that_ends_long_before_the_count_is_refused_before_each_record_is_asked_for():
    ids = {an_id(System.HUBSPOT, n) for n in range(1_500)}
    crm = TwoSets(System.HUBSPOT, ids)
    whole = crm.ids
    crm.ids = lambda object_, span=None: islice(whole(object_, span), 2)
    with opened(System.HUBSPOT, ids) as local, pytest.raises(SafetyError, match="shows 400 of the 1500 records"):
        repair(crm, "x", local, 1_500, Method.ALL_IDS)
    assert crm.calls == 4  # two counts, two pages


def test_a_full_read_lists_nothing_more():
    crm = TwoSets(System.HUBSPOT, {"1"}, hidden={"2"})
    with opened(System.HUBSPOT, {"1", "2", "3"}) as local:
        found = repair(crm, "x", local, 1, Method.FULL_READ, unseen=["2", "3"])
    assert (found.missing, found.kept, found.there) == ([], ["3"], 1)
    assert crm.calls == 0


def test_a_full_read_does_not_confuse_what_it_did_not_see_with_what_it_missed():
    crm = TwoSets(System.HUBSPOT, {"1", "2", "4"})
    with opened(System.HUBSPOT, {"1", "2", "3"}) as local:
        found = repair(crm, "x", local, 3, Method.SPANS, unseen=["3"])
    assert (found.missing, found.kept, found.there) == (["4"], ["3"], 3)


def test_what_is_missing_is_read_and_what_is_gone_has_its_tombstone(tmp_path):
    stones = [Tombstone("x", "9", "deleted")]
    crm = TwoSets(System.HUBSPOT, {"1", "2", "3"}, stones=stones)
    question = Question("1", "hash", None)
    with (
        opened(System.HUBSPOT, {"1", "8", "9"}) as local,
        Spool(tmp_path, question, START, lambda name, left, right: left == right) as spool,
    ):
        lately = START + timedelta(seconds=1)
        mended = mend(crm, "x", ["a"], spool, local, 3, Method.ALL_IDS, lately=lately)
        assert (mended.missing, mended.kept, mended.there, spool.read) == (2, 1, 3, 2)
        assert [json.loads(line)["record_id"] for line in Path(spool.gone).read_text().splitlines()] == ["9"]
        assert mend(crm, "x", ["a"], spool, local, 3, Method.ALL_IDS, lately=START).missing == 0  # read, not missed


@pytest.mark.parametrize(
    ("system", "ids"),
    [
        (System.HUBSPOT, ["2", "9", "10", "11", "100"]),
        (System.SALESFORCE, ["00Q0AAAAAAAAAAAAAA", "00QAAAAAAAAAAAAAAA", "00QZAAAAAAAAAAAAAA", "00Qa0AAAAAAAAAAAAA"]),
    ],
)
def test_spans_follow_the_order_of_the_crm(system, ids):
    with opened(system, set(ids)) as local:
        assert [one for some in local.ids() for one in some] == ids
        assert local.count(Span(ids[0], ids[2])) == 2
        assert [one for some in local.ids(Span(ids[1])) for one in some] == ids[2:]
        assert local.middle(Span("", ids[2])) == ids[1]
        assert local.count(Span(ids[2], ids[0])) == 0


def test_an_id_that_is_no_id_of_the_crm_is_left_out():
    with opened(System.HUBSPOT, {"1", "two", "3"}) as local:
        assert list(local.ids()) == [["1", "3"]]


def test_ids_that_cannot_be_compared_say_where(tmp_path):
    path = tmp_path / "live.parquet"
    local_ids.write(WRITER, "select '1'", path)
    with pytest.raises(WarehouseError, match=r"live\.parquet could not be compared"), LocalIds(path, System.HUBSPOT):
        raise duckdb.IOException("disk full")
    assert list(tmp_path.iterdir()) == [path]
