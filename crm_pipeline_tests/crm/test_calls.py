"""The account book: exact shares of the day, nothing before the CRM has told its limit."""

import pytest

from crm_pipeline.crm.calls import CallClass, Calls
from crm_pipeline.crm.limits import Limits
from crm_pipeline.errors import DailyLimitError
from crm_pipeline.model import System


def _calls() -> Calls:
    return Calls(System.HUBSPOT, Limits(organisation_percent=80, run_percent=25))


def test_classes_are_counted_apart():
    calls = _calls()
    for call_class in (CallClass.READ, CallClass.READ, CallClass.WRITE, CallClass.SEARCH):
        calls.admit(call_class)
    usage = calls.usage
    assert (usage.read, usage.write, usage.search, usage.total) == (2, 1, 1, 4)


def test_without_a_known_limit_nothing_is_refused():
    calls = _calls()
    for _ in range(1000):
        calls.admit(CallClass.READ)
    assert calls.usage.daily_used == 1000


_OURS = r"this run's share of 25 % \(budget.run_percent\) .*; run again, which goes on from there"
_ALL = r"the organisation's share of 80 % \(budget.organisation_percent\) .*; run again tomorrow"


@pytest.mark.parametrize(("used", "admitted", "says"), [(0, 25, _OURS), (79, 1, _ALL), (80, 0, _ALL)])
def test_both_shares_are_exact_and_named_with_what_to_do(used, admitted, says):
    calls = _calls()
    calls.learn_daily(used, 100)
    for _ in range(admitted):
        calls.admit(CallClass.READ)
    with pytest.raises(DailyLimitError, match=says):
        calls.admit(CallClass.READ)


def test_the_error_says_whose_share_is_used_up():
    ours, theirs = _calls(), _calls()
    ours.learn_daily(0, 4)
    ours.admit(CallClass.READ)
    theirs.learn_daily(4, 4)
    with pytest.raises(DailyLimitError, match="this run's share of 25 %"):
        ours.admit(CallClass.READ)
    with pytest.raises(DailyLimitError, match="organisation's share of 80 %"):
        theirs.admit(CallClass.READ)


@pytest.mark.parametrize(
    ("used", "limit", "allowed"),
    [(0, 0, None), (0, 100, 25), (79, 100, 1), (79, 98, 0), (90, 100, 0), (0, 3, 1)],
)
def test_what_a_run_may_still_call_is_the_smaller_share(used, limit, allowed):
    calls = _calls()
    calls.learn_daily(used, limit)
    assert calls.allowed == allowed


def test_as_many_calls_are_admitted_as_are_said_to_be_allowed():
    calls = _calls()
    calls.learn_daily(30, 97)
    for _ in range(calls.allowed):
        calls.admit(CallClass.READ)
    assert calls.allowed == 0
    with pytest.raises(DailyLimitError):
        calls.admit(CallClass.READ)


def test_the_longest_wait_is_told_by_its_newest_reason():
    calls = _calls()
    assert calls.waiting is None
    calls.wait_begins("does not answer")
    first = calls.waiting
    calls.wait_begins("is not available")
    assert (calls.waiting.reason, calls.waiting.since) == ("is not available", first.since)
    calls.wait_ends()
    assert calls.waiting is None
