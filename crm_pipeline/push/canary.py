"""What a CRM made of our writes: read back where its answer does not tell, and a canary that stops a push.

Not here: what the observed values are kept for (outbox.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Crm, Outcome, WriteResult
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import Act, SourceRecord, Value
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Group, Op, Way

#: By token, CRM field -> what it holds after our write; no entry where somebody else wrote last, or the record is gone.
Observed = Mapping[str, Mapping[str, Value]]


class CanaryError(SafetyError):
    """A CRM acknowledges writes and does not keep them: nothing more is sent."""


def read_back(
    crm: Crm, settings: Settings, groups: Sequence[Group], results: Mapping[str, WriteResult]
) -> dict[str, Mapping[str, Value]]:
    """By token, what the CRM made of the landed `groups`: from its answer, else read where we wrote last."""
    told = {g.token: results[g.token].observed for g in groups if results[g.token].observed}
    silent = [g for g in groups if g.token not in told]
    if not silent:
        return dict(told)
    us = crm.account().integration_user
    ids = {g.token: g.first.record_id or results[g.token].record_id for g in silent}
    names = sorted({name for g in silent for name in _interesting(settings, g)})
    records = crm.read(silent[0].first.object, sorted(set(ids.values())), names)
    for group in silent:
        record = records.get(ids[group.token])
        if record is not None and record.modified_by in ("", us):
            told[group.token] = {n: record.fields[n] for n in _interesting(settings, group) if n in record.fields}
    return dict(told)


def _interesting(settings: Settings, group: Group) -> set[str]:
    """Fields to read back: those that were sent; of a new record all, because a CRM fills some by itself."""
    names = set(group.fields)
    if group.way is Way.CREATE:
        names.update(settings.mapping.own_fields(group.first.object))
    return names


def require_kept(
    settings: Settings, groups: Sequence[Group], results: Mapping[str, WriteResult], observed: Observed
) -> None:
    """Raise CanaryError for a write that was acknowledged and swallowed. A value that the CRM rewrote is fine."""
    for group in groups:
        if results[group.token].outcome is not Outcome.LANDED:
            continue
        for op in group.ops:
            for name in swallowed(settings, op, observed.get(group.token)):
                field = name if op.operation is Act.CREATE else op.field
                raise CanaryError(
                    f"{op.system.label} acknowledged a write to {op.object}.{field} and did not keep it; the "
                    "push stopped after its first small batch: look for automation there that undoes the change"
                )


def require_gone(groups: Sequence[Group], there: Mapping[str, SourceRecord]) -> None:
    """Raise CanaryError for an archive that was acknowledged while the record is still there."""
    for group in groups:
        if group.token in there:
            raise CanaryError(
                f"{group.first.system.label} acknowledged that it archived a record of {group.first.object} and still "
                "has it; the push stopped after its first small batch: look for automation there that restores it"
            )


def swallowed(settings: Settings, op: Op, seen: Mapping[str, Value] | None) -> list[str]:
    """The fields of an acknowledged write that hold what they held before. What we cannot see is not among them."""
    found = []
    for name, value in op.new.items():
        if seen is None or name not in seen:
            continue
        before, after, wanted = {name: op.old.get(name)}, {name: seen[name]}, {name: value}
        unchanged = same(settings, op.system, op.object, before, after)
        if unchanged and not same(settings, op.system, op.object, wanted, after):
            found.append(name)
    return found


def without_swallowed(
    settings: Settings, group: Group, seen: Mapping[str, Value] | None
) -> tuple[Group | None, Group | None]:
    """A landed group as far as the CRM kept it, and the operations that it did not keep. A new record is there in any
    case: it goes without the fields that it lacks, which the next run fills."""
    if group.way is Way.CREATE:
        lacking = swallowed(settings, group.first, seen)
        kept = {name: value for name, value in group.first.new.items() if name not in lacking}
        return Group((replace(group.first, new=kept),)), None
    lost = [op for op in group.ops if swallowed(settings, op, seen)]
    return group.less(lost), Group(tuple(lost)) if lost else None
