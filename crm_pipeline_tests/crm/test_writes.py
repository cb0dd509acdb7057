"""The loop around batches: nothing lost, nothing doubled, bad rows isolated (laws 24 and 25)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.retry import LostAnswerError
from crm_pipeline.crm.writes import Sent, batches, send_all
from crm_pipeline.errors import DailyLimitError, TransientError

_DAILY = DailyLimitError("no calls left", system="hubspot", code="DAILY")


def _writes(number: int) -> list[Write]:
    return [Write(str(n), {}, record_id=f"id{n}") for n in range(number)]


@given(ids=st.lists(st.integers(0, 5), max_size=30), size=st.integers(1, 5))
def test_batches_keep_the_order_the_size_and_never_name_a_record_twice(ids, size):
    writes = [Write(str(n), {}, record_id=str(one)) for n, one in enumerate(ids)]
    cut = list(batches(writes, size))
    assert [write for batch in cut for write in batch] == writes
    assert all(len({write.record_id for write in batch}) == len(batch) <= size for batch in cut)


@given(number=st.integers(0, 40), bad=st.sets(st.integers(0, 39)))
def test_bad_rows_are_isolated_and_the_others_land_once(number, bad):
    landed: Counter[str] = Counter()
    names = {str(n) for n in bad}

    def send(batch: list[Write]) -> Sent:
        if any(write.token in names for write in batch):
            if len(batch) > 1:
                return Sent(again=batch)
            return Sent([WriteResult(batch[0].token, Outcome.REJECTED)])
        landed.update(write.token for write in batch)
        return Sent([WriteResult(write.token, Outcome.LANDED) for write in batch])

    results = send_all(_writes(number), 10, send)
    assert sorted(one.token for one in results) == sorted(str(n) for n in range(number))
    assert all((one.outcome is Outcome.REJECTED) == (one.token in names) for one in results)
    assert set(landed.values()) <= {1}


def _failing_at(call: int, error: Exception):
    calls = []

    def send(batch: list[Write]) -> Sent:
        calls.append(batch)
        if len(calls) == call:
            raise error
        return Sent([WriteResult(write.token, Outcome.LANDED) for write in batch])

    return send


def test_a_lost_answer_makes_its_batch_unknown_and_the_others_go_on():
    lost = LostAnswerError("did not answer", system="hubspot")
    outcomes = [one.outcome for one in send_all(_writes(6), 2, _failing_at(2, lost))]
    assert outcomes == [Outcome.LANDED] * 2 + [Outcome.UNKNOWN] * 2 + [Outcome.LANDED] * 2


@pytest.mark.parametrize("error", [_DAILY, TransientError("down", system="hubspot", code="DAILY")])
def test_an_error_after_something_was_sent_leaves_the_rest_for_later(error):
    results = send_all(_writes(6), 2, _failing_at(2, error))
    assert [one.outcome for one in results] == [Outcome.LANDED] * 2 + [Outcome.RETRY] * 4
    assert results[-1].code == "DAILY"


def test_an_error_before_anything_was_sent_is_raised():
    with pytest.raises(DailyLimitError):
        send_all(_writes(6), 2, _failing_at(1, _DAILY))
