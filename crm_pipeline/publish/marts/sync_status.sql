create table published.sync_status as
with partner as (
    select g.record_key, list(o.record_key order by o.record_key) as keys
    from golden_now g join golden_now o on o.golden_id = g.golden_id and o.system <> g.system
    group by all
),
not_written as (  -- by the newest plan, or since an earlier one; what nobody knows stays until somebody does
    from push.outbox o
    where o.state in ('rejected', 'invalid', 'unknown', 'quarantined', 'blocked')
        and (o.plan_id >= (select plan_id from newest_sync) or o.state = 'unknown'
            or (o.plan_id, o.op_id) in (select (plan_id, op_id) from plan.standing where until_plan is null))
),
failed as (
    select coalesce(o.system || '/' || o.object || '/' || o.record_id, c.source_key) as record_key,
        min(o.field || ' ' || if(starts_with(o.message, o.state || ': '), o.message,
                o.state || coalesce(': ' || nullif(coalesce(nullif(o.message, ''), o.code), ''), ''))
            || coalesce('. ' || k.meaning || ' ' || k.action, '')) as what,
        min(o.field || ' ' || o.state || coalesce(': ' || k.meaning_ja, ': ' || nullif(o.code, ''), '')) as what_ja
    from not_written o
    left join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
    left join push.code k on k.code = o.code and k.system in ('ours', o.system)
    group by all
),
unreached as (  -- edits of this record that the other CRM, or a check before it, refused
    select c.source_key as record_key, string_agg(distinct o.field, ', ' order by o.field) as fields
    from not_written o join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
    where o.field <> '*' group by all
),
put_off as (  -- customers whose create gave way, or was not sent, since the newest plan: the next run decides anew
    select o.golden_id, o.system, min(rtrim(o.message, '.') || coalesce('. ' || k.action, '')) as why,
        min(coalesce(k.meaning_ja, o.code)) as why_ja
    from push.outbox o left join push.code k on k.code = o.code and k.system in ('ours', o.system)
    where o.operation = 'create' and o.state in ('stale', 'not_sent')
        and o.plan_id >= (select plan_id from newest_sync)
    group by all
),
planned as (
    select coalesce(c.system || '/' || c.object || '/' || c.record_id, c.source_key) as record_key,
        count(*) as number, any_value(p.state) as state, any_value(p.purpose) as purpose
    from plan.change c join newest_plan p on p.plan_id = c.plan_id
    anti join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id
    where c.problem is null and p.state in ('proposed', 'held', 'approved', 'applying', 'expired')
    group by all
),
review as (
    select record_key, count(*) as number
    from (select left_key as record_key from match.review union all select right_key from match.review)
    group by all
),
waiting as (
    select w.record_key, max(w.reason) as reason  -- the longer word says more
    from plan.waiting w where w.plan_id = (select plan_id from newest_sync) group by all
),
became as (  -- of a counterpart: it was deleted, or became a record that is not here (erased, or not to be loaded)
    select l.golden_id, l.system, l.retired, t.survivor_object || ' ' || t.survivor_id as survivor, k.erasure_id
    from golden.link l
    join raw.tombstone t on t.system = l.system and t.object = l.object and t.record_id = l.record_id
    anti join raw.record r on r.system = l.system and r.object = t.survivor_object and r.record_id = t.survivor_id
    left join kept_out k on k.record_key = l.system || '/' || t.survivor_object || '/' || t.survivor_id
    where l.retired in ('merged', 'converted')
        and not exists (from golden.link d where d.golden_id = l.golden_id and d.system = l.system and d.retired = 'deleted')
    qualify row_number() over (partition by l.golden_id, l.system order by l.record_key) = 1
),
conflict as (
    select golden_id, string_agg(field, ', ' order by field) as fields
    from conflict_waiting group by all
),
held as (
    select coalesce(r.survivor_id, h.golden_id) as golden_id, h.record_key,
        bool_or(h.field is null) as whole, string_agg(distinct h.field, ', ' order by h.field) as fields,
        any_value(h.held_by) as held_by, bool_and(h.origin = 'undo') as undone
    from state.hold h left join golden.redirect r on r.golden_id = h.golden_id
    where h.ended_at is null group by all
),
pinned as (
    select g.record_key, bool_or(h.whole) as whole, string_agg(distinct h.fields, ', ') as fields,
        any_value(h.held_by) as held_by, bool_and(h.undone) as undone
    from golden_now g join held h on h.golden_id = g.golden_id and coalesce(h.record_key, g.record_key) = g.record_key
    group by all
),
incompatible as (
    select kind, string_agg(distinct field, ', ' order by field) as fields
    from plan.compatibility
    where problem <> '' and plan_id = (select plan_id from newest_sync) group by all
),
unread as (
    select system, object, any_value(explained) as explained from (
        from raw.reconciliation qualify row_number() over (partition by system, object order by run_id desc) = 1
    ) where method = 'unread' or (here is distinct from there and explained = '') group by all
),
written as (
    select system || '/' || object || '/' || record_id as record_key, count(*) as number from landed group by all
),
judged as (
    select r.record_key, r.kind, r.system, r.object, r.record_id, r.retired, g.golden_id, t.survivor_object,
        t.survivor_id, p.keys, f.what, f.what_ja, nr.fields as unreached, pl.number as planned, pl.purpose, v.number as pairs, w.reason,
        y.why, y.why_ja, c.fields as conflicting, n.number as written, h.fields as held_fields, h.held_by, h.undone, i.fields as misfits,
        b.retired as became, b.survivor, coalesce(k.erasure_id, b.erasure_id) as erasure_id,
        case
            when k.record_key is not null then 'kept_out'
            when r.retired is not null then 'retired'
            when f.record_key is not null then 'failed'
            when h.whole or w.reason = 'pinned' then 'pinned'
            when pl.state in ('held', 'expired') then 'held'
            when pl.record_key is not null then 'planned'
            when v.record_key is not null then 'review'
            when x.record_key is not null then 'left_out'
            when w.reason = 'deleted_there' and b.erasure_id is not null then 'kept_out'
            when starts_with(w.reason, 'deleted_there') then 'deleted_there'
            when w.reason = 'extract_incomplete' then 'incomplete'
            when w.record_key is not null then 'waiting'
            when h.fields is not null then 'pinned'
            when c.golden_id is not null then 'conflict'
            when p.record_key is not null then 'in_sync'
            when y.golden_id is not null then 'waiting'
            when u.system is not null then 'incomplete'
            when g.golden_id is null then 'new'
            else 'alone'
        end as state
    from record_now r
    left join golden_now g using (record_key)
    left join raw.tombstone t on t.system = r.system and t.object = r.object and t.record_id = r.record_id
    left join kept_out k on k.record_key = t.system || '/' || t.survivor_object || '/' || t.survivor_id
    left join partner p using (record_key)
    left join failed f using (record_key)
    left join unreached nr using (record_key)
    left join planned pl using (record_key)
    left join review v using (record_key)
    left join waiting w using (record_key)
    left join state.outside x using (record_key)
    left join pinned h using (record_key)
    left join incompatible i on i.kind = r.kind
    left join unread u on u.system = r.system and u.object = r.object
    left join conflict c on c.golden_id = g.golden_id
    left join became b on b.golden_id = g.golden_id and b.system <> r.system
    left join put_off y on y.golden_id = g.golden_id and y.system <> r.system
    left join written n using (record_key)
),
said as (
    select record_key, kind, system, object, record_id, golden_id, state,
        case state
            when 'kept_out' then if(retired is null, 'its counterpart in the other CRM', 'it') || ' was '
                || coalesce(retired, became) || ' into ' || coalesce(survivor_object || ' ' || survivor_id, survivor)
                || ', which is kept out because of erasure ' || erasure_id || ': this customer is not synced any more; '
                || 'if that record is not the erased person''s, let it be read: crm-pipeline erase --lift '
                || erasure_id || ' --by YOUR_NAME'
            when 'retired' then 'was ' || retired || coalesce(' into ' || survivor_object || ' ' || survivor_id, '')
                || ' in its CRM; it is neither read nor written any more'
            when 'failed' then 'not written: ' || what
            when 'pinned' then if(undone, 'held since our write was taken back', 'pinned by ' || coalesce(held_by, 'a person'))
                || coalesce(': ' || held_fields, '') || '; lift it with: crm-pipeline hold list'
            when 'held' then planned || ' writes wait for the approval of the held plan: crm-pipeline plan show'
            when 'planned' then planned || if(purpose = 'undo', ' writes take ours back and are not sent yet: crm-pipeline push',
                ' writes are planned and not sent yet')
            when 'review' then pairs || ' possible matches wait for a person: crm-pipeline review list'
            when 'left_out' then 'left out by the mapping''s filter or switched off: frozen as it is'
            when 'deleted_there' then 'its counterpart was ' || coalesce(became, 'deleted') || ' in the other CRM'
                || coalesce(' into ' || survivor || ', which is not here', '') || '; ' || case reason
                when 'deleted_there_and_edited_here' then 'not archived here: it was edited since'
                when 'deleted_there_and_open_children_here' then 'not archived here: an open deal, ticket or task, or a person, belongs to it'
                when 'deleted_there_and_children_here_are_not_read' then 'not archived here: its deals, tickets and tasks are not read'
                else 'it is not created again without a person: crm-pipeline recreate' end
            when 'incomplete' then 'nothing is created for it until the other CRM was read to the end'
            when 'waiting' then case reason
                when 'merged_against_a_decision' then 'frozen: a merge in its CRM would join customers whom a person called different'
                when 'values_of_another_customer' then 'no record is created in the other CRM before the values of another customer are given back'
                else 'no record is created in the other CRM yet: ' || coalesce(replace(reason, '_', ' '), why) end
            when 'conflict' then 'both CRMs differ and a person must decide: ' || conflicting
            when 'in_sync' then 'linked with ' || array_to_string(keys, ', ')
                || case when written > 0 then '; ' || written || ' fields written in the last run' else '; nothing to write' end
                || coalesce('; not written there: ' || unreached, '')
                || coalesce('; fields that do not fit both CRMs are left out: ' || misfits, '')
            when 'new' then 'read, and not matched yet: the next run does'
            else if(kind in ('person', 'company'), 'only here: the other CRM has no such customer, and none is to be created',
                'linked with no record of the other CRM; one is created for records that are newer than the switch only: '
                || 'crm-pipeline link')
        end as sentence,
        case state
            when 'kept_out' then if(retired is null, '相手側のレコード', 'このレコード') || 'は '
                || coalesce(survivor_object || ' ' || survivor_id, survivor) || ' に'
                || if(coalesce(retired, became) = 'merged', '統合', '取引開始') || 'され、その先は消去' || erasure_id
                || 'により読み取られません。このお客様の同期は止まっています。消去された本人のレコードでない場合は、読み取りを再開してください: '
                || 'crm-pipeline erase --lift ' || erasure_id || ' --by YOUR_NAME'
            when 'retired' then '元のCRMで' || case retired when 'merged' then '統合' when 'converted' then '取引開始' else '削除' end
                || 'されました' || coalesce('（' || survivor_object || ' ' || survivor_id || '）', '') || '。読み書きの対象外です'
            when 'failed' then '書き込めません: ' || what_ja
            when 'pinned' then if(undone, '書き込みの取り消しにより保留中', coalesce(held_by, '担当者') || 'が固定中')
                || coalesce(': ' || held_fields, '') || '。解除: crm-pipeline hold list'
            when 'held' then planned || '件の書き込みが承認待ちです: crm-pipeline plan show'
            when 'planned' then planned || if(purpose = 'undo', '件の取り消しが未送信です: crm-pipeline push', '件の書き込みが計画済み、未送信です')
            when 'review' then pairs || '件の照合候補が確認待ちです: crm-pipeline review list'
            when 'left_out' then 'マッピングの条件により対象外です。現状のまま変更しません'
            when 'deleted_there' then '相手側のレコードは'
                || coalesce('ここにないレコード（' || survivor || '）に' || if(became = 'merged', '統合', '取引開始'), '削除')
                || 'されました。' || case reason
                when 'deleted_there_and_edited_here' then 'その後編集されたため、アーカイブしません'
                when 'deleted_there_and_open_children_here' then '進行中の商談・チケット・タスク等があるため、アーカイブしません'
                when 'deleted_there_and_children_here_are_not_read' then '関連レコードを読み取っていないため、アーカイブしません'
                else '人の指示なしに再作成しません' end
            when 'incomplete' then '相手側のCRMの読み取りが完了するまで新規作成しません'
            when 'waiting' then case reason
                when 'merged_against_a_decision' then '「別人」の判断に反する統合がCRMで行われたため、凍結中です'
                else '相手側にまだ作成しません: ' || case reason when 'waiting_for_review' then '照合の確認待ち'
                    when 'values_of_another_customer' then '別の顧客の値の復元待ち'
                    else coalesce(replace(reason, '_', ' '), why_ja) end end
            when 'conflict' then '両方のCRMで値が異なり、人の判断が必要です: ' || conflicting
            when 'in_sync' then array_to_string(keys, ', ') || 'と連携済み'
                || case when written > 0 then '。前回' || written || '項目を書き込みました' else '。書き込みはありません' end
                || coalesce('。相手側に書き込めない項目: ' || unreached, '')
                || coalesce('。両CRMに適合しない項目は対象外: ' || misfits, '')
            when 'new' then '読み取り済み、次回の実行で照合します'
            else if(kind in ('person', 'company'), 'このCRMだけにあります。相手側には作成しない設定です',
                '相手側のレコードと連携していません。作成するのは同期開始後の新しいレコードだけです: crm-pipeline link')
        end as sentence_ja
    from judged
    union all
    select q.system || '/' || q.object || '/' || q.record_id, any_value(m.kind), q.system, q.object, q.record_id, null,
        'not_loaded', 'it could not be loaded and is left as it is: ' || any_value(q.reason),
        '読み込めないため対象外です: ' || any_value(q.reason)
    from raw.quarantine q
    join mapped m on m.system = q.system and m.object = q.object
    anti join record_now r on r.record_key = q.system || '/' || q.object || '/' || q.record_id
    where q.released_run is null group by q.system, q.object, q.record_id
)
select s.record_key, s.kind, s.system, s.object, s.record_id, n.name, s.golden_id, s.state, s.sentence, s.sentence_ja
from said s left join record_name n using (record_key)
order by s.record_key;

comment on table published.sync_status is 'Every source record: where it stands, and one sentence about it.';
comment on column published.sync_status.record_key is 'system/object/id.';
comment on column published.sync_status.kind is 'person, company, or a kind that is linked: deal, ticket, task, activity.';
comment on column published.sync_status.system is 'hubspot or salesforce.';
comment on column published.sync_status.object is 'The CRM''s object.';
comment on column published.sync_status.record_id is 'The CRM''s own id.';
comment on column published.sync_status.name is 'Name on the record. [personal]';
comment on column published.sync_status.golden_id is 'The customer or company it belongs to; null before it was matched, and for retired records.';
comment on column published.sync_status.state is 'kept_out, retired, failed, pinned, held, planned, review, left_out, deleted_there, incomplete, waiting, conflict, in_sync, new, alone or not_loaded; the first that applies.';
comment on column published.sync_status.sentence is 'The state in words, and what to do. [personal]';
comment on column published.sync_status.sentence_ja is 'The same in Japanese. [personal]';
