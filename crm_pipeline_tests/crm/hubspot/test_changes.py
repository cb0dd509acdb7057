"""Reading what changed: by search, or out of a list of everything when that is quicker."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.crm.hubspot.changes import Rates, search_is_quicker
from crm_pipeline.crm.hubspot.reading import Asked
from crm_pipeline.crm.protocol import Span
from crm_pipeline.crm.spans import merged, numeric
from crm_pipeline.emulator.faults import Edit
from crm_pipeline.emulator.imported import ImportedRecord

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
BEFORE = START - timedelta(seconds=1)

RATES = Rates(calls=19.0, searches=5.0)
PLAIN = Asked("contacts", ("email",))
HISTORY = Asked("contacts", ("email",), ("email",))
LONG = Asked("contacts", tuple(f"a_property_with_quite_a_long_name_{n}" for n in range(500)))


@pytest.mark.parametrize(
    ("changed", "live", "asked", "search"),
    [
        (0, 0, PLAIN, True),
        (1, 1, PLAIN, False),  # a page of either, and searches are scarcer
        (1_000_000, 0, PLAIN, True),  # not known how many there are
        (10_000, 1_000_000, PLAIN, True),  # 1 %: 50 searches, 10 s; 10,000 pages, 9 minutes
        (500_000, 1_000_000, PLAIN, True),  # 2,500 searches, 500 s; 526 s
        (530_000, 1_000_000, PLAIN, False),  # 530 s
        (1_000_000, 1_000_000, PLAIN, False),
        (100_000, 1_000_000, HISTORY, True),  # 500 searches and 2,000 batches; 20,000 lists
        (790_000, 1_000_000, HISTORY, True),  # 19,750 calls
        (810_000, 1_000_000, HISTORY, False),  # 20,250 calls
        (500_000, 1_000_000, LONG, True),
        (600_000, 1_000_000, LONG, True),  # 600 s; 10,000 lists and 6,000 batches
    ],
)
def test_the_quicker_way_is_chosen_by_the_two_rates(changed, live, asked, search):
    assert search_is_quicker(changed, live, asked, RATES) is search


def _ids(pages) -> list[str]:
    return sorted((record.record_id for page in pages for record in page), key=int)


def _import(portal, number, at) -> list[str]:
    return portal.store.import_records(
        "contacts", [ImportedRecord({"email": f"{at:%S}{n}@example.com"}, BEFORE, at) for n in range(number)]
    )


def _calls(portal, ending) -> int:
    return sum(request.path.endswith(ending) for request in portal.log.requests)


@pytest.fixture
def portal(portal, clock):
    """With records that changed a second before the time that is read, and one that changed when it was over."""
    clock.set(END)
    _import(portal, 30, BEFORE)
    _import(portal, 1, END)
    return portal


@pytest.mark.parametrize("history", [(), ("email",)])
@pytest.mark.parametrize("live", [0, 1_000_000], ids=["unknown", "a million"])
def test_few_changes_among_many_records_are_searched_for(portal, live, history):
    ids = _import(portal, 230, START)
    pages = list(portal.client().pages("contacts", ["email"], since=START, until=END, expected=live, history=history))
    assert _ids(pages) == ids
    assert merged([page.span for page in pages], numeric) == [Span("", None)]
    assert (_calls(portal, "/search"), _calls(portal, "/contacts")) == (2, 0)
    assert _calls(portal, "/batch/read") == (5 if history else 0)
    assert all(record.history for page in pages for record in page) is bool(history)


def test_many_changes_of_one_second_are_searched_for_in_ranges(portal):
    ids = _import(portal, 1_800, START)
    pages = list(portal.client().pages("contacts", ["email"], since=START, until=END, expected=1_000_000))
    assert _ids(pages) == ids
    assert merged([page.span for page in pages], numeric) == [Span("", None)]
    searches = [json.loads(request.body) for request in portal.sent("/search")]
    assert len(searches) <= 9 + 5
    assert not any("after" in body for body in searches)  # which would end at 10,000


@pytest.mark.parametrize("history", [(), ("email",)])
def test_when_most_of_it_changed_everything_is_listed_and_the_changed_are_kept(portal, history):
    ids = _import(portal, 700, START)
    client = portal.client()
    client.account()  # the answer names the rate
    pages = list(client.pages("contacts", ["email"], since=START, until=END, expected=731, history=history))
    assert _ids(pages) == ids
    assert merged([page.span for page in pages], numeric) == [Span("", None)]
    assert _calls(portal, "/search") <= 2
    assert _calls(portal, "/contacts") <= (16 if history else 8)
    assert _calls(portal, "/batch/read") <= (4 if history else 0)  # of the first page, which was searched for
    assert all(record.history for page in pages for record in page) is bool(history)


@pytest.mark.slow
def test_more_than_ten_thousand_records_of_one_time_stamp_all_come(portal):
    ids = _import(portal, 10_100, START)
    client = portal.client()
    client.account()  # the answer names the rate
    assert _ids(client.pages("contacts", ["email"], since=START, until=END, expected=10_131)) == ids


def test_a_read_of_changes_goes_on_where_it_was_interrupted(portal):
    ids = _import(portal, 900, START)
    client = portal.client()
    asked = {"since": START, "until": END, "expected": 1_000_000}
    pages = client.pages("contacts", ["email"], **asked)
    some = [next(pages), next(pages)]
    pages.close()
    portal.log.clear()
    rest = list(client.pages("contacts", ["email"], **asked, done=[page.span for page in some]))
    assert _ids(some + rest) == ids
    assert len(_ids(rest)) == 900 - len(_ids(some))


def test_a_search_in_another_order_gives_way_to_a_list(portal):
    ids = _import(portal, 230, START)

    def turned(body: bytes) -> bytes:
        answer = json.loads(body)
        return json.dumps({**answer, "results": answer["results"][::-1]}).encode()

    portal.faults.add(path="/search$", action=Edit(turned), times=None)
    pages = portal.client().pages("contacts", ["email"], since=START, until=END, expected=1_000_000)
    assert _ids(pages) == ids


def test_records_that_change_again_while_being_read_come_with_the_next_read(portal, clock):
    ids = _import(portal, 450, START)
    client = portal.client()
    pages = client.pages("contacts", ["email"], since=START, until=END, expected=1_000_000)
    first = next(pages)
    clock.advance(60)
    late = ids[-1]
    portal.store.update("contacts", late, {"email": "late@example.com"})
    assert _ids([first, *pages]) == ids[:-1]
    assert late in _ids(client.pages("contacts", ["email"], since=END))
