-- A view: it costs nothing until somebody asks, and a question about one customer reads that customer's rows only.
create view timeline as
with member as (
    select record_key, golden_id from golden.link where kind in ('person', 'company')
    union all
    select record_key, golden_id from sync_status
    where golden_id is not null and kind in ('person', 'company') and record_key not in (select record_key from golden.link)
),
concerns as (
    select record_key, golden_id from member union all select record_key, golden_id from involved
),
dealt as ( -- once for whoever takes part in the record of either CRM
    select distinct c.golden_id, split_part(d.keys[1], '/', 1) as system, d.keys[1] as record_key, d.name as title, d.created_at,
        d.close_date, d.open, d.won, d.stage, d.owner
    from (
        select *, list_filter(['salesforce/Opportunity/' || salesforce_opportunity, 'hubspot/deals/' || hubspot_deal],
            lambda x: x is not null) as keys, unnest(keys) as part
        from deals
    ) d join involved c on c.record_key = d.part
),
caller as ( -- a user of both CRMs is called as Salesforce calls them
    select h.system, h.user_id, coalesce(s.name, h.name) as name
    from raw.user h
    left join (
        select lower(e_mail) as e_mail, arg_max(name, (active, user_id)) as name
        from raw.user where system = 'salesforce' and e_mail <> '' and name <> '' group by all
    ) s on h.system = 'hubspot' and s.e_mail = lower(h.e_mail)
),
event as (
    select happened_at, golden_id, sort as event, system, record_key, title, null as field, null as old, null as new, owner as actor,
        null::integer as run_id, true as certain
    from activities where golden_id is not null
    union all
    select created_at, golden_id, 'deal_opened', system, record_key, title, null, null, stage, owner, null, true from dealt
    union all
    select timezone('UTC', close_date::timestamp), golden_id, if(won, 'deal_won', 'deal_lost'), system, record_key, title, null, null,
        stage, owner, null, true
    from dealt where not open
    union all
    select t.opened_at, c.golden_id, 'ticket_opened', t.system, t.record_key, t.subject, null, null, t.status, t.owner, null, true
    from involved c join tickets t using (record_key)
    union all
    select t.closed_at, c.golden_id, 'ticket_closed', t.system, t.record_key, t.subject, null, null, t.status, t.owner, null, true
    from involved c join tickets t using (record_key) where t.closed_at is not null
    union all
    select r.created_at, m.golden_id, 'record_created', r.system, r.record_key, null, null, null, null, null, null, true
    from raw.record r join member m using (record_key) anti join (from state.link where origin = 'created') c using (record_key)
    where r.kind in ('person', 'company')
    union all
    select coalesce(t.gone_at, r.started_at), m.golden_id, 'record_' || t.reason, t.system, m.record_key, null, null, null,
        t.survivor_object || ' ' || t.survivor_id, null, t.run_id, t.gone_at is not null
    from raw.tombstone t join member m on m.record_key = t.system || '/' || t.object || '/' || t.record_id
    left join state.run r on r.run_id = t.run_id
    union all
    select f.changed_at, c.golden_id, 'field_change', f.system, c.record_key, coalesce(m.label, f.name), coalesce(m.field, f.name),
        f.before, f.after, coalesce(u.name, f.actor), f.run_id, f.certain
    from publish.field_change f
    join concerns c on c.record_key = f.system || '/' || f.object || '/' || f.record_id
    left join (select distinct system, object, name, any_value(field) as field, any_value(label) as label from mapping group by all) m
        on m.system = f.system and m.object = f.object and m.name = f.name
    left join caller u on u.system = f.system and u.user_id = f.actor
    union all
    select a.written_at, coalesce(c.golden_id, a.golden_id), if(a.operation = 'create', 'created_by_us', 'written_by_us'), a.system,
        a.system || '/' || a.object || '/' || a.record_id, coalesce(m.label, a.object), a.field,
        nullif(array_to_string(json_extract_string(a.old, '$.*'), ' '), ''), nullif(array_to_string(json_extract_string(a.new, '$.*'), ' '), ''),
        'crm-pipeline', a.run_id, true
    from audit a left join involved c on c.record_key = a.system || '/' || a.object || '/' || a.record_id
    left join (select kind, field, any_value(label) as label from mapping group by all) m
        on m.field = a.field and m.kind = split_part(a.golden_id, '-', 1)
    where a.state = 'landed'
    union all
    select r.started_at, l.golden_id, 'linked', l.system, l.record_key, null, null, null, null, null, l.since_run, false
    from golden.link l join state.run r on r.run_id = l.since_run join golden.entity e on e.golden_id = l.golden_id
    where e.anchor_key <> l.record_key and l.kind in ('person', 'company')
    union all
    select r.started_at, l.golden_id, 'unlinked', split_part(l.record_key, '/', 1), l.record_key, null, null, null, n.golden_id, null, l.until_run, false
    from golden.former_link l join state.run r on r.run_id = l.until_run left join member n using (record_key)
    where l.golden_id not in (select golden_id from golden.redirect)
    union all
    select r.started_at, d.survivor_id, 'customers_merged', null, null, null, null, d.golden_id, d.survivor_id, null, d.run_id, false
    from golden.redirect d join state.run r using (run_id)
    union all
    select distinct s.decided_at, m.golden_id, 'decided', null, null, s.verdict, null, s.left_key, s.right_key, s.decided_by, null::integer, true
    from (select *, unnest([left_key, right_key]) as record_key from state.decision) s join member m using (record_key)
)
select e.happened_at, e.golden_id, n.name, split_part(e.golden_id, '-', 1) as kind, e.event, w.what, w.what_ja, e.system, e.record_key, e.title,
    e.field, e.old, e.new, e.actor, e.run_id, e.certain,
    case when p.url = '' then null when e.system = 'salesforce' then p.url || '/lightning/r/' || split_part(e.record_key, '/', 2) || '/' || split_part(e.record_key, '/', 3) || '/view'
        else p.url || '/contacts/' || p.account_id || '/record/' || case split_part(e.record_key, '/', 2) when 'contacts' then '0-1'
            when 'companies' then '0-2' when 'deals' then '0-3' when 'tickets' then '0-5' end || '/' || split_part(e.record_key, '/', 3) end as link
from event e
left join (
    values ('call', 'Call', '電話'), ('e_mail', 'E-mail', 'メール'), ('meeting', 'Meeting', 'ミーティング'), ('note', 'Note', 'メモ'),
        ('task', 'Task', 'ToDo'), ('deal_opened', 'Deal opened', '商談の作成'), ('deal_won', 'Deal won', '受注'), ('deal_lost', 'Deal lost', '失注'),
        ('ticket_opened', 'Ticket opened', 'チケットの作成'), ('ticket_closed', 'Ticket closed', 'チケットの完了'),
        ('record_created', 'Record made in its CRM', 'CRMでレコードを作成'), ('record_deleted', 'Record deleted in its CRM', 'CRMでレコードを削除'),
        ('record_merged', 'Record merged in its CRM', 'CRMでレコードを統合'), ('record_converted', 'Lead converted', 'リードの取引開始'),
        ('field_change', 'Field changed in its CRM', 'CRMで項目を変更'), ('written_by_us', 'Field written by the sync', '同期で項目を書き込み'),
        ('created_by_us', 'Record made by the sync', '同期でレコードを作成'), ('linked', 'Record linked with the customer', '名寄せでレコードを紐付け'),
        ('unlinked', 'Record taken from the customer', '名寄せの解除'), ('customers_merged', 'Found to be one customer', '同一顧客として統合'),
        ('decided', 'A person decided about a match', '名寄せ候補を判断')
) w(event, what, what_ja) on w.event = e.event
left join (select golden_id, name from customer_360 union all select golden_id, name from company_360) n on n.golden_id = e.golden_id
left join raw.account p on p.system = e.system;

comment on view timeline is 'All that happened with a customer or company, in one stream: activities, deals, tickets, edits in the CRMs, what the sync wrote, records linked and merged.';
comment on column timeline.happened_at is 'When it took place (UTC); of what only a run saw (certain is false), when it was seen; of a deal''s end, midnight of its day. （日時）';
comment on column timeline.golden_id is 'The customer or company; an event of several has a row for each.';
comment on column timeline.name is 'Its name. [personal]';
comment on column timeline.kind is 'person or company.';
comment on column timeline.event is 'What happened, in a word: call, e_mail, meeting, note, task, deal_opened, deal_won, deal_lost, ticket_opened, ticket_closed, record_created, record_deleted, record_merged, record_converted, field_change, written_by_us, created_by_us, linked, unlinked, customers_merged or decided.';
comment on column timeline.what is 'The same in words.';
comment on column timeline.what_ja is 'The same in Japanese.';
comment on column timeline.system is 'The CRM in which it happened; null for what concerns both.';
comment on column timeline.record_key is 'The record: system/object/id.';
comment on column timeline.title is 'Subject, name of the deal, or label of the field. [personal]';
comment on column timeline.field is 'The mapped field of a change; the CRM''s name if it is not mapped.';
comment on column timeline.old is 'Value before; of merged customers the id that went. [personal]';
comment on column timeline.new is 'Value after; of deals and tickets the stage now. [personal]';
comment on column timeline.actor is 'Who did it, where that is known: a user''s name, crm-pipeline, or who decided. [personal]';
comment on column timeline.run_id is 'The run that wrote or saw it; null for what needs none.';
comment on column timeline.certain is 'Whether the time is the CRM''s own or ours; false: at the latest then.';
comment on column timeline.link is 'Where to look at the record in its CRM; null where it has no page.';
