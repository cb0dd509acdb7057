"""What a person asks for again after it was deleted: without it no deleted record is ever created a second time.

Belongs here: rows of state.recreation, who may ask for what, and when it is done with. Not here: what else stands in
the way of a create (plan/records/create.py), the words of the command (cli/recreate.py).
"""

from __future__ import annotations

from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import System
from crm_pipeline.plan import load
from crm_pipeline.plan.records import newer
from crm_pipeline.plan.records.create import object_to_create
from crm_pipeline.plan.references.reference import kind_of
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert


def ask(connection: Connection, settings: Settings, golden_id: str, system: System, by: str, why: str) -> str:
    """Let the next plan create the golden record's record in a CRM in which it was deleted. Returns the object.

    `golden_id`: as of now, redirects followed. Raises NotFoundError when nothing of it was deleted there, SafetyError
    without a name, or when no create could follow.
    """
    if not by.strip():
        raise SafetyError("asking for a deleted record again needs a name: say who asks with --by")
    mapping = settings.mapping.of(kind_of(golden_id))
    if (golden_id, system) not in load.obstacles(connection, mapping).deleted:
        raise NotFoundError(
            f"no record of {golden_id} was deleted in {system.label}; `crm-pipeline why {golden_id}` says what there is"
        )
    _, members, _ = load.chosen(connection, mapping, [golden_id]).get(golden_id, ("", [], {}))
    if not members:
        raise SafetyError(f"{golden_id} has no record left in any CRM: there is nothing to make the new one of")
    if any(member.system is system for member in members):
        raise SafetyError(f"{golden_id} has a record in {system.label} again: nothing has to be made")
    object_ = object_to_create(mapping, members, system, newer.load(connection))
    if object_ is None:
        raise SafetyError(
            f"the mapping creates no {mapping.kind} like {golden_id} in {system.label}: set `create` for the object"
        )
    end(connection)
    if _open(connection, golden_id, system):
        raise SafetyError(f"{golden_id} was asked for again in {system.label} already: the next plan has it")
    insert(
        connection,
        "state.recreation",
        [
            {
                "golden_id": golden_id,
                "system": system,
                "asked_by": by.strip(),
                "asked_at": connection.execute("select now()").fetchall()[0][0],
                "asked_run": connection.execute("select coalesce(max(run_id), 0) from state.run").fetchall()[0][0],
                "why": why,
            }
        ],
    )
    return object_


def withdraw(connection: Connection, golden_id: str, system: System, by: str) -> None:
    """Take back what was asked for, as long as no record was made. Raises NotFoundError when there is nothing."""
    end(connection)
    if not _open(connection, golden_id, system):
        raise NotFoundError(
            f"nobody waits for {golden_id} in {system.label}; a record that was made is taken back with "
            "`crm-pipeline undo --record RECORD_KEY`"
        )
    connection.execute(
        "update state.recreation set ended_at = now(), ended_by = ? where ended_at is null and system = ? and "
        "(golden_id = ? or golden_id in (select r.golden_id from golden.redirect r where r.survivor_id = ?))",
        [by.strip(), system, golden_id, golden_id],
    )


def end(connection: Connection) -> None:
    """What was made, or came back, since it was asked for is done with."""
    connection.execute(
        """
        update state.recreation a set ended_at = now(), ended_by = 'the record is there'
        where ended_at is null and exists (
            select 1 from (
                select golden_id, system from golden.link where retired is null
                union all
                select coalesce(r.survivor_id, s.golden_id), split_part(s.record_key, '/', 1)
                from state.link s left join golden.redirect r on r.golden_id = s.golden_id
                where s.origin = 'created' and s.run_id > a.asked_run
            ) there left join golden.redirect r on r.survivor_id = there.golden_id
            where there.system = a.system and a.golden_id in (there.golden_id, r.golden_id)
        )
        """
    )


def load_open(connection: Connection) -> dict[tuple[str, System], str]:
    """(golden id, CRM) -> who asks for a record there again."""
    rows = connection.execute(
        """
        select coalesce(r.survivor_id, a.golden_id), a.system, min(a.asked_by)
        from state.recreation a left join golden.redirect r using (golden_id) where a.ended_at is null group by all
        """
    ).fetchall()
    return {(golden_id, System(system)): by for golden_id, system, by in rows}


def _open(connection: Connection, golden_id: str, system: System) -> bool:
    return (golden_id, system) in load_open(connection)
