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


@pytest.mark.parametrize(("used", "admitted"), [(0, 25), (79, 1), (80, 0)])
def test_both_shares_are_exact(used, admitted):
    calls = _calls()
    calls.learn_daily(used, 100)
    for _ in range(admitted):
        calls.admit(CallClass.READ)
    with pytest.raises(DailyLimitError, match="tomorrow"):
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
