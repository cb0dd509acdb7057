"""The loop around batches of writes: what is split, what is unknown, what was never sent.

Not here: requests and their answers; a client hands in a function that sends one batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.retry import LostAnswerError
from crm_pipeline.errors import CrmError


@dataclass(frozen=True)
class Sent:
    """What one request brought. `again`: surely not done because of others in the batch; sent once more in halves."""

    results: list[WriteResult] = field(default_factory=list)
    again: list[Write] = field(default_factory=list)


def batches(writes: Iterable[Write], size: int) -> Iterator[list[Write]]:
    """Batches of at most `size` in the given order, none of which names a record or key twice."""
    batch: dict[str, Write] = {}
    for write in writes:
        name = write.record_id or write.key
        if len(batch) == size or name in batch:
            yield list(batch.values())
            batch = {}
        batch[name] = write
    if batch:
        yield list(batch.values())


def send_all(writes: Sequence[Write], size: int, send: Callable[[list[Write]], Sent]) -> list[WriteResult]:
    """Send all writes. A lost answer makes its batch UNKNOWN and the others go on.

    Raises the `CrmError` of a batch only while nothing has been answered or may have landed; later, what was
    not sent comes back as RETRY with the error's code.
    """
    results: list[WriteResult] = []
    queue = deque(batches(writes, size))
    while queue:
        batch = queue.popleft()
        try:
            sent = send(batch)
        except LostAnswerError as error:
            results += same(batch, Outcome.UNKNOWN, error)
            continue
        except CrmError as error:
            if not results:
                raise
            rest = [write for one in (batch, *queue) for write in one]
            return results + same(rest, Outcome.RETRY, error)
        results += sent.results
        middle = (len(sent.again) + 1) // 2
        queue.extendleft(half for half in (sent.again[middle:], sent.again[:middle]) if half)
    return results


def same(writes: Iterable[Write], outcome: Outcome, error: CrmError) -> list[WriteResult]:
    """One outcome for all of them."""
    return [
        WriteResult(write.token, outcome, write.record_id, error.status, error.code, str(error)) for write in writes
    ]
