"""The one way out: retries are bounded, waits can be told, clients of a run share their rate and budget."""

import json
import threading

import pytest

from crm_pipeline.crm.calls import CallClass
from crm_pipeline.crm.gateway import Call, Gateway, NoAnswerError, NotSentError, Pace, Reply
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.retry import Failure, Problem
from crm_pipeline.errors import DailyLimitError, SafetyError, TransientError
from crm_pipeline.model import System

QUICK = Limits(patience_seconds=0.2, first_patience_seconds=0.2, backoff_seconds=0.01, run_percent=50)
OK = Reply(200, {"Date": "Tue, 24 Nov 2026 09:00:00 GMT"}, json.dumps({"is": "there"}).encode())
BUSY = Reply(503, {}, b"")
READ = Call(CallClass.READ, "contacts")


def diagnose(reply):
    return Problem(Failure.NOT_HANDLED, "is not available", reply.status) if reply.status == 503 else None


def gateway(*, read_only=False, pace=None):
    return Gateway(
        System.HUBSPOT, QUICK, diagnose=diagnose, learn=lambda reply, slot: None, read_only=read_only, pace=pace
    )


def answers(*replies):
    """A sender that gives one after the other; an exception is raised."""
    rest = iter(replies)

    def send():
        reply = next(rest)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return send


def test_what_may_pass_is_sent_again_and_counted():
    gate = gateway()
    reply = gate.exchange(READ, answers(BUSY, NotSentError(), NoAnswerError(), OK))
    assert reply.json() == {"is": "there"}
    assert (gate.calls.usage.read, gate.calls.usage.retries) == (4, 3)


def test_patience_ends_and_the_sentence_says_how_often_it_was_tried():
    with pytest.raises(TransientError, match=r"is not available while reading contacts \(\d+ tries\)"):
        gateway().exchange(READ, lambda: BUSY)


def test_a_dry_run_sends_no_write():
    with pytest.raises(SafetyError, match="dry run"):
        gateway(read_only=True).exchange(Call(CallClass.WRITE, "contacts"), answers())


def test_two_clients_of_a_run_share_the_budget():
    pace = Pace(System.HUBSPOT, QUICK)
    reads, writes = gateway(read_only=True, pace=pace), gateway(pace=pace)
    pace.calls.learn_daily(0, 4)
    reads.exchange(READ, answers(OK))
    writes.exchange(READ, answers(OK))
    with pytest.raises(DailyLimitError, match="this run's share of 50 %"):
        reads.exchange(READ, answers(OK))


def test_while_a_crm_does_not_answer_everybody_can_see_since_when_and_why():
    gate, seen, asked = gateway(), [], threading.Event()

    def send():
        if asked.is_set():
            seen.append(gate.calls.waiting)
            return OK
        asked.set()
        return BUSY

    gate.exchange(READ, send)
    assert seen[0].reason == "is not available"
    assert gate.calls.waiting is None


@pytest.mark.parametrize("failure", [BUSY, NotSentError(), ValueError("a bug")])
def test_a_wait_is_over_when_the_call_has_failed(failure):
    gate = gateway()
    with pytest.raises((TransientError, ValueError)):
        gate.exchange(READ, lambda: answers(failure)())
    assert gate.calls.waiting is None
    gate.exchange(READ, answers(OK))
