"""A customer's last record of a side was deleted in its CRM: what becomes of the other side's (spec sync-rules.md).

`unlink` (default) leaves them alone; `archive_other_side` plans to archive them if nothing speaks against it. A record
that is restored is held until a person has looked at it. Belongs here: what is known about deletions, and these two
consequences. Not here: that a deleted record is not created again (create.py), sending (push/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Act, System
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import Change
from crm_pipeline.plan.member import Member, states
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.references.reference import one_by_one
from crm_pipeline.plan.said import holds
from crm_pipeline.warehouse import Connection

POLICY = "archive_other_side"
#: Who holds what came back, until a person lifts it.
HOLDER = "crm-pipeline"

#: What must be read to tell that a record has no open children.
_CHILDREN = {
    System.HUBSPOT: ("deals", "tickets", "tasks"),
    System.SALESFORCE: ("Opportunity", "OpportunityContactRole", "Case", "Task"),
}


@dataclass(frozen=True)
class Deletions:
    """What is known of golden records that lost all records of a side, by golden id.

    `gone`: side -> objects of the records that people deleted there, with positive evidence; one that we archived
    ourselves takes the side out. `children`: record key -> a child that is open, of records on the other side.
    `unread`: CRMs of which not everything is read that could be a child.
    """

    gone: Mapping[str, Mapping[System, frozenset[str]]] = field(default_factory=dict)
    children: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[System] = frozenset()


def plan_archive(
    golden_id: str, members: Sequence[Member], context: Context, deletions: Deletions
) -> tuple[list[Operation], str | None]:
    """Operations that archive a golden record's records after those of the other side were deleted, or why there are
    none; neither where the policy does not ask for it.

    `members`: all live records; none of them where a filter leaves one out.
    """
    sides = {m.system for m in members}
    if len(sides) != 1:
        return [], None
    (side,) = sides
    objects = deletions.gone.get(golden_id, {}).get(side.other)
    if not objects or not all(_asked(context.mapping, member, objects) for member in members):
        return [], None
    if any(context.holds.any_of(golden_id, [m.key]) for m in members):
        return [], "pinned"
    if any(m.key in deletions.children for m in members):
        return [], "deleted_there_and_open_children_here"
    if side in deletions.unread:
        return [], "deleted_there_and_children_here_are_not_read"
    if not all(m.bases for m in members) or _edited(members, context):
        return [], "deleted_there_and_edited_here"
    return [_archive(golden_id, member, context.mapping) for member in members], None


def _asked(mapping: KindMapping, member: Member, gone: frozenset[str]) -> bool:
    """Whether the policy of a record's pair of objects archives it."""
    pairs = gone if member.system is System.HUBSPOT else {member.object}
    switches = [mapping.salesforce[object_] for object_ in pairs if object_ in mapping.salesforce]
    return bool(switches) and all(
        switch.on_record_delete == POLICY and switch.towards(member.system) != "off" for switch in switches
    )


def _edited(members: Sequence[Member], context: Context) -> bool:
    """Whether a person typed something since the last decision, be its mapping another one by now, or it cannot be
    told."""
    for ruled, view in (pair for one in context.fields for pair in one_by_one(one, members)):
        found = states(ruled, view, None, context.settings, context.users)
        if any(not s.known or s.change is Change.SET for s in found):
            return True
    return False


def _archive(golden_id: str, member: Member, mapping: KindMapping) -> Operation:
    own = [name for name in mapping.crm_fields(member.object) if "." not in name and not is_relation(name)]
    return Operation(
        kind=mapping.kind,
        system=member.system,
        object=member.object,
        record_id=member.record_id,
        operation=Act.ARCHIVE,
        field="*",
        old={name: member.fields[name] for name in own if name in member.fields},
        new={},
        golden_id=golden_id,
        rule=POLICY,
        reason=f"deleted in {member.system.other.label}, where it was the last record of this {mapping.kind}",
    )


def load(connection: Connection, settings: Settings, mapping: KindMapping) -> Deletions:
    """What is known of deletions of a kind; nothing where no pair of objects has the policy."""
    if all(switch.on_record_delete != POLICY for switch in mapping.salesforce.values()):
        return Deletions()
    connection.execute(
        """
        create or replace temp table bereft as
        select l.golden_id, l.system, list(distinct l.object) as objects
        from golden.link l
        left join raw.tombstone t on t.system = l.system and t.object = l.object and t.record_id = l.record_id
            and t.reason = 'deleted'
        left join (
            select distinct system, object, record_id from push.outbox
            where operation = 'archive' and state in ('landed', 'sent', 'unknown')
        ) u on u.system = l.system and u.object = l.object and u.record_id = l.record_id
        where l.kind = ? and l.retired = 'deleted'
            and not exists (
                from golden.link v where v.golden_id = l.golden_id and v.system = l.system and v.retired is null
            )
        group by l.golden_id, l.system
        having bool_and(t.record_id is not null and u.record_id is null)
        """,
        [mapping.kind],
    )
    gone: dict[str, dict[System, frozenset[str]]] = {}
    for golden_id, system, objects in connection.execute("from bereft").fetchall():
        gone.setdefault(golden_id, {})[System(system)] = frozenset(objects)
    children = dict(connection.execute(_OPEN_CHILDREN).fetchall())
    connection.execute("drop table bereft")
    read = {object_ for _, object_ in settings.mapping.read_objects}
    unread = frozenset(system for system, needed in _CHILDREN.items() if not read.issuperset(needed))
    return Deletions(gone, children, unread)


#: Live records of bereft golden records -> one record that belongs to them and is not done with. A deal, ticket or task
#: without a word about its end is open; a company's people are its children, too.
_OPEN_CHILDREN = """
with parent as (
    select l.record_key, l.system, l.object, l.record_id, l.kind
    from golden.link l where l.golden_id in (select golden_id from bereft) and l.retired is null
), tied as (
    select p.record_key, p.kind, a.system, a.to_object as object, a.to_id as record_id
    from parent p join raw.association a on a.system = p.system and a.from_object = p.object and a.from_id = p.record_id
    union
    select p.record_key, p.kind, a.system, a.from_object, a.from_id
    from parent p join raw.association a on a.system = p.system and a.to_object = p.object and a.to_id = p.record_id
), further as (
    from tied
    union
    select t.record_key, t.kind, a.system, a.to_object, a.to_id
    from tied t join raw.association a on a.system = t.system and a.from_object = t.object and a.from_id = t.record_id
    where t.object = 'OpportunityContactRole' and a.to_object = 'Opportunity'
)
select f.record_key, min(r.record_key)
from further f
join raw.record r on r.system = f.system and r.object = f.object and r.record_id = f.record_id and r.retired is null
where r.record_key <> f.record_key and (
    (r.kind = 'person' and f.kind = 'company')
    or (r.kind in ('deal', 'ticket', 'task') and not coalesce(
        (r.fields ->> 'IsClosed') = 'true' or (r.fields ->> 'hs_is_closed') = 'true'
        or (r.fields ->> 'hs_task_status') = 'COMPLETED' or coalesce(r.fields ->> 'closed_date', '') <> '', false))
)
group by f.record_key
"""


def hold_restored(connection: Connection) -> None:
    """Golden records with a record that is back from the recycle bin are held, once each time, until a person has
    looked: what it holds is from before it was deleted."""
    rows = connection.execute(
        """
        select coalesce(r.survivor_id, s.golden_id), s.record_key, s.run_id
        from state.link s left join golden.redirect r using (golden_id)
        where s.origin = 'restored'
            and not exists (
                from state.hold h where h.held_by = ? and h.run_id = s.run_id
                and h.golden_id in (s.golden_id, r.survivor_id)
            )
            and exists (
                from golden.link l where l.golden_id = coalesce(r.survivor_id, s.golden_id) and l.retired is null
                and l.record_key <> s.record_key
            )
        order by s.record_key
        """,
        [HOLDER],
    ).fetchall()
    found = {
        golden_id: holds.Hold(golden_id, None, None, "pinned", HOLDER, f"{key} was restored in its CRM", run_id=run_id)
        for golden_id, key, run_id in rows
    }
    holds.insert(connection, found.values())
