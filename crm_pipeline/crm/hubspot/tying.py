"""Batches of new and ended associations between HubSpot records (v4).

Belongs here: the calls and what their answers say about each pair. Not here: reading associations (relations.py).
Associating what is associated changes nothing, and neither does ending what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.crm.gateway import Reply
from crm_pipeline.crm.hubspot.answers import row_refusal
from crm_pipeline.crm.hubspot.relations import HUBSPOT_DEFINED, PRIMARY
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.protocol import Outcome, Tie, Write, WriteResult
from crm_pipeline.crm.writes import Sent, send_all

_BATCH = 2000  # pairs a call (associations v4 guide)
_Pair = tuple[str, str]


def associate(wire: Wire, from_object: str, to_object: str, ties: Sequence[Tie]) -> list[WriteResult]:
    """End and make associations, in this order: a record may get another in the place of one."""
    primary = PRIMARY.get((from_object, to_object))
    api = wire.client.crm.associations.v4.batch_api

    def end(batch: list[Write]) -> Sent:
        inputs = [{"from": {"id": one}, "to": [{"id": other}]} for one, other in map(_pair, batch)]
        return _sent(wire.reply(api.archive, from_object, to_object, {"inputs": inputs}), batch)

    def make(batch: list[Write]) -> Sent:
        inputs = [{"from": {"id": one}, "to": {"id": other}} for one, other in map(_pair, batch)]
        return _sent(wire.reply(api.create_default, from_object, to_object, {"inputs": inputs}), batch)

    def mark(batch: list[Write]) -> Sent:
        types = [{"associationCategory": HUBSPOT_DEFINED, "associationTypeId": primary}]
        inputs = [{"from": {"id": one}, "to": {"id": other}, "types": types} for one, other in map(_pair, batch)]
        return _sent(wire.reply(api.create, from_object, to_object, {"inputs": inputs}), batch)

    marked = [tie for tie in ties if not tie.ends and tie.primary and primary is not None]
    ways = (
        ([tie for tie in ties if tie.ends], end),
        ([tie for tie in ties if not tie.ends and tie not in marked], make),
        (marked, mark),
    )
    return [one for some, send in ways if some for one in send_all([_write(tie) for tie in some], _BATCH, send)]


def _write(tie: Tie) -> Write:
    return Write(tie.token, {}, record_id=f"{tie.from_id}/{tie.to_id}")


def _pair(write: Write) -> _Pair:
    one, _, other = write.record_id.partition("/")
    return one, other


def _sent(reply: Reply, batch: list[Write]) -> Sent:
    """Results of one batch. In a 207, pairs that are not answered for belong to the errors, which name one record."""
    body = reply.json()
    body = body if isinstance(body, Mapping) else {}
    if reply.status >= 300:
        if len(batch) > 1:
            return Sent(again=batch)
        return Sent([_refused(batch[0], body, reply.status)])
    done = {pair for row in body.get("results") or () for pair in _pairs(row)}
    sent = Sent()
    for write in batch:
        if reply.status != 207 or _pair(write) in done:
            sent.results.append(WriteResult(write.token, Outcome.LANDED, _pair(write)[0], reply.status))
        elif len(batch) == 1:
            error: Mapping[str, Any] = next(iter(body.get("errors") or ()), {})
            sent.results.append(_refused(write, error, reply.status))
        else:
            sent.again.append(write)
    return sent


def _pairs(row: Mapping[str, Any]) -> list[_Pair]:
    """The pair that a row of an answer is about: the two endpoints name it differently."""
    if "fromObjectId" in row:
        return [(str(row["fromObjectId"]), str(row["toObjectId"]))]
    ends = [str((row.get(end) or {}).get("id")) for end in ("from", "to")]
    return [(ends[0], ends[1])]


def _refused(write: Write, error: Mapping[str, Any], status: int) -> WriteResult:
    code, message = row_refusal(error, ())
    return WriteResult(write.token, Outcome.REJECTED, _pair(write)[0], status, code, message)
