"""Relations of HubSpot: they stand beside the records, and are asked for by the ids of one end.

Belongs here: of which records they are asked. Not here: the calls (crm/), the table (association_table.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Association, Crm
from crm_pipeline.errors import PermanentError
from crm_pipeline.extract.reading import watermark
from crm_pipeline.extract.relations.association_table import forget_retired, replace, stage
from crm_pipeline.extract.relations.marks import Marks, whole_name
from crm_pipeline.extract.relations.relations import HUBSPOT, Relation
from crm_pipeline.extract.schema.visibility import may_not_see
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection, Warehouse

_SYSTEM = System.HUBSPOT

#: Which ids of an end are to be asked for: the beginning of a query.
End = Callable[["_Task"], str]

#: Records asked for before their relations are loaded: 20 calls of 1,000, some ten thousand rows in memory.
_BATCH = 20_000


@dataclass
class _Task:
    """A relation that has something to read: of all records, or of those that changed `since` or in a run after
    `since_run`. `ends`: where ids are still to be taken from, beyond `last`; `differing`: ids found on the way."""

    relation: Relation
    marks: Marks
    whole: bool
    since: datetime | None
    since_run: int
    ends: list[End]
    last: str = ""
    differing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Question:
    """One call: the relations of some records of an end. `near`: of the end that the table goes out from."""

    task: _Task
    near: bool
    ids: list[str]

    @property
    def ends(self) -> tuple[str, str]:
        one = self.task.relation
        return (one.from_object, one.to_object) if self.near else (one.to_object, one.from_object)

    def load(self, connection: Connection, found: Sequence[Association]) -> int:
        """Keep the answer. Returns how many rows changed; what the far end says is only compared."""
        one = self.task.relation
        stage(connection, self.ids, found)
        if self.near:
            return replace(connection, _SYSTEM, one.from_object, [one.to_object])
        self.task.differing = _differing(connection, one)
        return 0


def relate(
    warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int, *, full: bool = False
) -> tuple[int, int, list[str]]:
    """Read the relations of the records that changed at either end, or of all: at first, when asked, and every
    `extract.reconcile_days`, because HubSpot can relate two records without a trace on them.

    Returns the number of records asked for, of rows that changed, and a sentence for each relation that may not be
    seen: it is kept as it was. Raises WarehouseError if mapped records have not been read yet.
    """
    asked = written = 0
    unknown: list[str] = []
    with warehouse.connect() as connection:
        questions = _Questions(_tasks(connection, settings, full), run_id)
        question = questions.next(connection)
    while question:
        try:
            found = crm.associations(*question.ends, question.ids)
        except PermanentError as error:
            if not may_not_see(error) or {(_SYSTEM, end) for end in question.ends} <= set(settings.mapping.objects):
                raise
            unknown.append(
                f"{_SYSTEM.label} {question.task.relation.name} may not be seen: who belongs to whom stays as it was. "
                "Give the app the scopes of both objects"
            )
            questions.give_up()
            with warehouse.connect() as connection:
                question = questions.next(connection)
        else:
            asked += len(question.ids)
            with warehouse.connect() as connection:
                written += question.load(connection, found)
                question = questions.next(connection)
    return asked, written, unknown


def _tasks(connection: Connection, settings: Settings, full: bool) -> Iterator[_Task]:
    for one in HUBSPOT:
        marks = Marks.of(connection, settings, _SYSTEM, one.name, one.from_object, one.to_object)
        if marks is None:
            continue
        whole = full or marks.whole_is_due(settings.extract.reconcile_days)
        overlap = timedelta(minutes=settings.extract.overlap_minutes)
        since = None if whole or marks.previous is None else marks.previous - overlap
        since_run = 0 if whole else marks.run_id
        forget_retired(connection, _SYSTEM, one.from_object, one.to_object, since_run)
        yield _Task(one, marks, whole, since, since_run, [_from_end] if whole else [_from_end, _to_end])


class _Questions:
    """All calls of a run, one after the other; a relation without any left is up to date."""

    def __init__(self, tasks: Iterable[_Task], run_id: int) -> None:
        self._tasks = deque(tasks)
        self._run_id = run_id

    def next(self, connection: Connection) -> _Question | None:
        while self._tasks:
            task = self._tasks[0]
            if task.differing:
                ids, task.differing = task.differing, []
                return _Question(task, True, ids)
            while task.ends:
                end = task.ends[0]
                ids = _page(connection, task, end, _BATCH)
                if ids:
                    task.last = ids[-1]
                    return _Question(task, end is _from_end, ids)
                task.ends, task.last = task.ends[1:], ""
            self._done(connection, task)
            self._tasks.popleft()
        return None

    def give_up(self) -> None:
        """Leave the present relation as far as it is."""
        self._tasks.popleft()

    def _done(self, connection: Connection, task: _Task) -> None:
        watermark.move(connection, _SYSTEM, task.relation.name, task.marks.until, "", self._run_id)
        if task.whole:
            watermark.move(connection, _SYSTEM, whole_name(task.relation.name), task.marks.until, "", self._run_id)


def _differing(connection: Connection, one: Relation) -> list[str]:
    """Live records of the near end that the far end's staged records name and we do not, or the other way round."""
    known = (
        "select from_id, to_id, is_primary from raw.association where system = ? and from_object = ? "
        "and to_object = ? and to_id in (select from_id from touched)"
    )
    there = "select to_id, from_id, is_primary from related"
    rows = connection.execute(
        f"select distinct from_id from (({known} except {there}) union all ({there} except {known})) "
        f"d(from_id, to_id, is_primary) where from_id in (select record_id from {_table(one.from_object)} "
        "where retired is null) order by from_id",
        [_SYSTEM.value, one.from_object, one.to_object] * 2,
    ).fetchall()
    return [from_id for (from_id,) in rows]


def _page(connection: Connection, task: _Task, end: End, size: int) -> list[str]:
    """Some of the ids to ask for, above the task's last."""
    values: dict[str, object] = {"last": task.last, "size": size}
    if not task.whole:
        values |= {"since": task.since, "run": task.since_run}
    rows = connection.execute(f"{end(task)} and record_id > $last order by record_id limit $size", values).fetchall()
    return [record_id for (record_id,) in rows]


def _from_end(task: _Task) -> str:
    """Live records of the near end that changed, that belong to a record which is gone now, or whose relation we wrote
    or found moved at a push: HubSpot moves no time for that."""
    one = task.relation
    query = f"select record_id from {_table(one.from_object)} where retired is null"
    if task.whole:
        return query
    gone = (
        f"select a.from_id from raw.association a join {_table(one.to_object)} g on g.record_id = a.to_id where "
        f"a.system = '{_SYSTEM}' and a.from_object = '{one.from_object}' and a.to_object = '{one.to_object}' "
        "and g.retired is not null and g.run_id > $run"
    )
    written = (
        "select split_part(record_key, '/', 3) from state.written "
        f"where starts_with(record_key, '{_SYSTEM}/{one.from_object}/') "
        f"and split_part(name, '/', 1) = 'associations.{one.to_object}' and run_id >= $run"
    )
    moved = _moved(one.from_object, f"associations.{one.to_object}")
    return f"{query} and ({_CHANGED} or record_id in ({gone}) or record_id in ({written}) or record_id in ({moved}))"


def _moved(object_: str, relation: str) -> str:
    """Records with a relation that was to be written, or written from, and that a push found to lead elsewhere: they
    would be planned with what it led to before again and again, until all relations are read."""
    names = f"list_contains(list_transform(json_keys({{}}), lambda name: split_part(name, '/', 1)), '{relation}')"
    stale = "o.state = 'stale' and o.run_id >= $run"
    return (
        f"select o.record_id from push.outbox o where {stale} and o.system = '{_SYSTEM}' and o.object = '{object_}' "
        f"and {names.format('o.old')} union all "
        "select split_part(c.source_key, '/', 3) from push.outbox o join plan.change c using (plan_id, op_id) "
        f"where {stale} and starts_with(c.source_key, '{_SYSTEM}/{object_}/') and {names.format('c.source_value')}"
    )


def _to_end(task: _Task) -> str:
    """Live records of the far end that changed."""
    return f"select record_id from {_table(task.relation.to_object)} where retired is null and {_CHANGED}"


_CHANGED = "(modified_at >= $since or run_id > $run)"


def _table(object_: str) -> str:
    return f"raw.{_SYSTEM}_{object_.lower()}"
