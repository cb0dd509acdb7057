create table published.tickets as
with people as (
    select record_key, list(distinct golden_id order by golden_id) filter (kind = 'person') as people,
        min(golden_id) filter (kind = 'company') as company_id
    from concerned group by record_key
)
select d.record_key, d.system, d.record_id, d.golden_id as ticket_id, d.number, d.title as subject, d.stage as status,
    not d.closed as open, d.priority, d.created_at as opened_at, d.closed_at, d.owner, coalesce(p.people, []) as people,
    p.company_id, page(d.system, d.object, d.record_id) as link
from dealing d left join people p using (record_key)
where d.kind = 'ticket' order by d.record_key;

comment on table published.tickets is 'One row for each ticket of HubSpot and case of Salesforce.';
comment on column published.tickets.record_key is 'system/object/id.';
comment on column published.tickets.system is 'hubspot or salesforce.';
comment on column published.tickets.record_id is 'The CRM''s own id.';
comment on column published.tickets.ticket_id is 'Golden id: two rows with the same are one ticket in both CRMs; null if it was never linked.';
comment on column published.tickets.number is 'Number of a case, as people know it.';
comment on column published.tickets.subject is 'What it is about. （件名） [personal]';
comment on column published.tickets.status is 'Status, as people see it. （状況）';
comment on column published.tickets.open is 'Whether it is not closed.';
comment on column published.tickets.priority is 'Priority, as the CRM spells it. （優先度）';
comment on column published.tickets.opened_at is 'When its CRM made it (UTC).';
comment on column published.tickets.closed_at is 'When it was closed (UTC), where the CRM tells.';
comment on column published.tickets.owner is 'Name of the user who owns it. （担当者） [personal]';
comment on column published.tickets.people is 'Golden ids of the people it belongs to.';
comment on column published.tickets.company_id is 'Golden id of the company it belongs to.';
comment on column published.tickets.link is 'Where to look at it.';
