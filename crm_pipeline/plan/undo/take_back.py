"""Taking one write of ours back: the operation that restores what stood there before, or why there is none.

Pure. Belongs here: one landed operation and what is known of its record now -> one operation. Not here: which writes
are taken back (stage.py), and the hold that keeps the next night from doing them again (push/undone.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_pipeline.canonical import Canonical, canonical, is_blank
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import Act, Kind, System, Value, record_key
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.entity import held_elsewhere
from crm_pipeline.plan.fit.option import moves_back
from crm_pipeline.plan.fit.translate import blank_of
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.references.reference import ids_in

#: The rule of an operation that takes a write back, and of one that takes such an operation back.
UNDO, REDO = "undo", "redo"


@dataclass(frozen=True)
class Written:
    """A write of ours that landed, or may have. `golden_id`: of the record as of now. `old` has the whole group.

    `later`: the run and rule of the newest write of ours over it, if there is one. `certain`: its answer is known.
    """

    kind: Kind
    system: System
    object: str
    record_id: str
    golden_id: str
    operation: Act
    field: str
    old: Mapping[str, Value]
    new: Mapping[str, Value]
    observed: Mapping[str, Value]
    run_id: int
    rule: str
    certain: bool = True
    later: tuple[int, str] | None = None

    @classmethod
    def read(
        cls,
        kind: str,
        system: str,
        object_: str,
        record_id: str,
        golden_id: str,
        operation: str,
        field: str,
        old: str,
        new: str,
        observed: str | None,
        run_id: int,
        rule: str,
        certain: bool = True,
        later: Mapping[str, Any] | None = None,
    ) -> Written:
        """From a row; `old`, `new` and `observed` are JSON there, `later` is a run and a rule."""
        return cls(
            kind=Kind(kind),
            system=System(system),
            object=object_,
            record_id=record_id,
            golden_id=golden_id,
            operation=Act(operation),
            field=field,
            old=json.loads(old),
            new=json.loads(new),
            observed=json.loads(observed) or {} if observed else {},
            run_id=run_id,
            rule=rule,
            certain=certain,
            later=(later["run"], later["rule"]) if later else None,
        )

    @property
    def key(self) -> str:
        return record_key(self.system, self.object, self.record_id)

    @property
    def made(self) -> dict[str, Value]:
        """What the record held after the write: the whole group, as the CRM made it."""
        return {**self.old, **self.new, **self.observed}


@dataclass(frozen=True)
class Standing:
    """What is known of a written record now. `fields`: CRM field -> value; None: not read since the write.

    `retired`: deleted, merged or converted; `edited`: somebody else was the last to change it; `in_use`: records that
    are not ours belong to it.
    """

    fields: Mapping[str, Value] | None = None
    retired: str | None = None
    edited: bool = False
    in_use: bool = False


def take_back(written: Written, standing: Standing, context: Context, reason: str) -> Operation | None:
    """The operation that takes a write back; one that cannot be sent says why. None: the old value stands already."""
    planned = Operation(
        kind=written.kind,
        system=written.system,
        object=written.object,
        operation=Act.UPDATE,
        field=written.field,
        old=written.made,
        new={},
        golden_id=written.golden_id,
        rule=REDO if written.rule == UNDO else UNDO,
        reason=reason,
        record_id=written.record_id,
    )
    hindrance = _hindrance(written, standing)
    if hindrance:
        return planned.refused(*hindrance)
    if written.operation is Act.CREATE:
        return _archive(planned, written, standing, context)
    if any(is_relation(name) for name in written.new):
        return _related(planned, written, standing.fields or {})
    mapped = next((f for f in context.mapping.fields if f.name == written.field), None)
    if mapped is None or not mapped.has(written.object) or set(written.old) != set(mapped.names(written.object)):
        return planned.refused(f"the mapping of {written.field} is another one by now: restore it by hand")
    return _restore(planned, mapped, written, standing, context)


def _hindrance(written: Written, standing: Standing) -> tuple[str, str] | None:
    """(why a write cannot be taken back whatever the record holds, end state), or None."""
    if not written.certain:
        return "whether it landed is not known yet: run the pipeline once, then undo again", "stale"
    if written.operation is Act.ARCHIVE:
        return "an archived record is restored by hand, in the CRM's recycle bin", "invalid"
    if standing.retired:
        return f"the record was {standing.retired} since", "stale"
    if written.later:
        run_id, rule = written.later
        if rule in (UNDO, REDO) and written.rule != rule:
            return f"run {run_id} took it back already", "stale"
        return f"run {run_id} wrote there later: undo that one first", "stale"
    return None


def _related(planned: Operation, written: Written, now: Mapping[str, Value]) -> Operation:
    """A relation leads again where it led, if it is as we left it; one that `now` does not tell is seen when it is read
    before sending."""
    for name, sent in written.new.items():
        there = ids_in(now.get(name, sent))
        if "/" in written.field:  # one of many: the others are no business of this write
            there = [one for one in there if one in (str(sent), str(written.old.get(name)))]
        if (str(sent) not in there) if sent else there:
            return planned.refused("somebody changed the value since: theirs stays", "stale")
    restored = {n: blank_of(written.system) if v in ("", None) else v for n, v in written.old.items()}
    act = Act.CLEAR if all(v in ("", None) for v in restored.values()) else Act.ASSOCIATE
    return replace(planned, operation=act, old=written.new, new=restored)


def _restore(
    planned: Operation, mapped: FieldMapping, written: Written, standing: Standing, context: Context
) -> Operation | None:
    names = mapped.names(written.object)
    now = written.made if standing.fields is None else standing.fields
    if any(name not in now for name in names):
        return planned.refused("the field is missing from the record's data: nobody knows what it holds", "stale")

    def form(values: Mapping[str, Value]) -> Canonical:
        return _form(mapped, written, values, context)

    if form(now) == form(written.old):
        return None
    if form(now) not in (form({**written.old, **written.new}), form(written.made)):
        return planned.refused("somebody changed the value since: theirs stays", "stale")
    before = form(written.old)
    planned = _with(planned, names, now, written, before)
    schemas = context.schemas.get((written.system, written.object), {})
    for name, value in planned.new.items():
        schema = schemas.get(name)
        if schema is None or not schema.updateable:
            return planned.refused(f"{name} cannot be written any more")
        if value in ("", None) and not schema.nillable:
            return planned.refused(f"{name} cannot be cleared")
        if moves_back(schema, value, now[name]):
            return planned.refused(f"HubSpot moves {name} forward only: clear it there and set the old value by hand")
    holder = held_elsewhere(mapped, written.system, written.object, before[0], written.key, context)
    return planned.refused(f"held by {holder}") if holder else planned


def _with(
    planned: Operation, names: tuple[str, ...], now: Mapping[str, Value], written: Written, before: Canonical
) -> Operation:
    """The operation with its values: only the parts that we wrote go back, the whole group is what must stand there."""
    blank = blank_of(written.system)
    restored = {n: blank if written.old[n] in ("", None) else written.old[n] for n in names if n in written.new}
    act = Act.CLEAR if is_blank(before) else Act.UPDATE
    return replace(planned, operation=act, old={name: now[name] for name in names}, new=restored)


def _archive(planned: Operation, written: Written, standing: Standing, context: Context) -> Operation:
    """A record that we created goes to the recycle bin if nobody has touched it since."""
    planned = replace(planned, operation=Act.ARCHIVE, field="*", old=written.made)
    if standing.in_use:
        return planned.refused("other records belong to it by now: archive it by hand", "stale")
    if standing.edited or (standing.fields is not None and not _untouched(written, standing.fields, context)):
        return planned.refused("somebody edited the record since it was created: archive it by hand", "stale")
    return planned


def _untouched(written: Written, now: Mapping[str, Value], context: Context) -> bool:
    """Whether every value that the create wrote is still there."""
    for mapped in context.mapping.fields:
        names = mapped.names(written.object) if mapped.has(written.object) else ()
        if not any(name in written.new for name in names):
            continue

        held = _form(mapped, written, now, context)
        if held not in (_form(mapped, written, made, context) for made in (written.new, written.made)):
            return False
    return True


def _form(mapped: FieldMapping, written: Written, values: Mapping[str, Value], context: Context) -> Canonical:
    """The canonical form of a field of the written record; a reference compares by the CRM's own id."""
    raw = tuple(values.get(name) for name in mapped.names(written.object))
    settings = context.settings
    return canonical(mapped, written.system, raw, region=settings.phone_region, users=context.users, zone=settings.zone)
