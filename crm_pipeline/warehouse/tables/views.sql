-- Views and macros over several schemas. They hold nothing: every migration makes them anew from here.

-- The newest word on each pair, whichever way round it was written; of equal times the last row counts.
create or replace view match.said as
select least(left_key, right_key) as left_key, greatest(left_key, right_key) as right_key, verdict, decided_by, decided_at,
    why, evidence_hash
from state.decision
qualify row_number() over (
    partition by least(left_key, right_key), greatest(left_key, right_key) order by decided_at desc, rowid desc
) = 1;

-- The evidence of match.pair as sentences: what speaks for (+) and against (-) it, strongest first. `language`: words
-- (English) or words_ja (Japanese).
create or replace macro match.reasons(evidence, language) as list_transform(
    evidence::json[], lambda e: if(e ->> 'verdict' = 'supports', '+ ', '- ') || coalesce(e ->> language, '')
);

-- Pairs that wait for a person: undecided, unsure and with new evidence since, or rejected and with a new identifier.
create or replace view match.review as
select p.*
from match.pair p
left join match.said d on d.left_key = p.left_key and d.right_key = p.right_key
left join match.cluster l on l.record_key = p.left_key
left join match.cluster r on r.record_key = p.right_key
where p.tier in ('recommended', 'possible')
  and (l.cluster is distinct from r.cluster)
  and case d.verdict
      when 'not_a_match' then d.evidence_hash <> '' and split_part(d.evidence_hash, '-', 1) <> split_part(p.evidence_hash, '-', 1)
      else d.evidence_hash is distinct from p.evidence_hash end;

-- Why the records of a golden record are one customer: each link found, decided or made, with its reasons in words.
create or replace view golden.why as
select l.golden_id, p.left_key, p.right_key, p.tier as found_as, p.posterior,
    match.reasons(p.evidence, 'words') as reasons, match.reasons(p.evidence, 'words_ja') as reasons_ja,
    d.verdict as said, d.decided_by as said_by, d.why as said_why
from match.pair p
join golden.link l on l.record_key = p.left_key
join golden.link r on r.record_key = p.right_key and r.golden_id = l.golden_id
left join match.said d on d.left_key = p.left_key and d.right_key = p.right_key
union all
select l.golden_id, d.left_key, d.right_key, 'decided', null, [], [], d.verdict, d.decided_by, d.why
from match.said d
join golden.link l on l.record_key = d.left_key
join golden.link r on r.record_key = d.right_key and r.golden_id = l.golden_id
anti join match.pair p on p.left_key = d.left_key and p.right_key = d.right_key
where d.verdict = 'match'
union all
select coalesce(l.golden_id, r.survivor_id, s.golden_id), coalesce(r.anchor_key, e.anchor_key, ''), s.record_key,
    s.origin, 1,
    [if(s.origin = 'created', '+ we created the record for this customer', '+ it was restored in its CRM and belonged here before')],
    [if(s.origin = 'created', '+ このお客様のために作成したレコード', '+ CRMで復元された、以前からこのお客様のレコード')], null, null, null
from state.link s
left join golden.link l on l.record_key = s.record_key
left join golden.redirect r on r.golden_id = s.golden_id
left join golden.entity e on e.golden_id = coalesce(r.survivor_id, s.golden_id);

-- Every operation of each plan: those that it decided, and the invalid ones that stood in it from an earlier plan.
-- `since_plan`: the plan that decided it, under which plan.change and push.outbox have its only row.
create or replace view plan.operation as
select *, plan_id as since_plan from plan.change
union all
select c.* replace (p.plan_id as plan_id), c.plan_id as since_plan
from plan.standing s
join plan.change c on c.plan_id = s.plan_id and c.op_id = s.op_id
join plan.plan p on p.plan_id > s.plan_id and p.plan_id <= coalesce(s.until_plan, p.plan_id)
    and p.purpose is distinct from 'undo';

-- Why two linked records differ in a field, as of the last publish: what the rule says (publish.disagreement.cause), and
-- what became of the write that it calls for. `both`: the same in English and Japanese.
create or replace view publish.drift as
with newest as (from plan.plan where purpose = 'sync' qualify row_number() over (order by plan_id desc) = 1),
write as (
    select c.golden_id, split_part(c.field, '/', 1) as field,
        c.system || '/' || c.object || '/' || coalesce(c.record_id, o.record_id, '') as record_key,
        max(case
            when o.state in ('landed', 'superseded') then 'not_yet_written'
            when o.state = 'sent' then 'unknown'
            when coalesce(o.state, c.problem_state) is not null then coalesce(o.state, c.problem_state)
            when p.state in ('held', 'expired') then 'waits_for_approval'
            else 'not_yet_written' end) as reason
    from newest p join plan.operation c using (plan_id)
    left join push.outbox o on o.plan_id = c.since_plan and o.op_id = c.op_id
    group by all
),
held as (
    select coalesce(r.survivor_id, h.golden_id) as golden_id, h.record_key, h.field,
        max(if(h.origin = 'undo', 'undone', 'pinned')) as reason
    from state.hold h left join golden.redirect r on r.golden_id = h.golden_id
    where h.ended_at is null group by all
),
outside as (select distinct record_key from state.outside)
select d.golden_id, d.field, d.hubspot_key, d.salesforce_key,
    case
        when d.cause in ('dont_sync', 'incompatible', 'unknown') then d.cause
        when exists (from held h where h.golden_id = d.golden_id and (h.field is null or h.field = d.field)
            and (h.record_key is null or h.record_key in (d.hubspot_key, d.salesforce_key))) then
            (select max(h.reason) from held h where h.golden_id = d.golden_id and (h.field is null or h.field = d.field)
                and (h.record_key is null or h.record_key in (d.hubspot_key, d.salesforce_key)))
        when d.hubspot_key in (from outside) or d.salesforce_key in (from outside) then 'outside_filter'
        when d.cause = 'due' then coalesce(
            (select max(w.reason) from write w where w.golden_id = d.golden_id and w.field = d.field
                and w.record_key in (d.hubspot_key, d.salesforce_key)), 'not_yet_written')
        else d.cause end as reason
from publish.disagreement d;

-- Why a field of a record holds what it holds: what keeps it as it is (a hold, a conflict, a write that did not go
-- through), else our last write there unless the field was edited since, else that it was read so. Ask for one record or
-- golden record: it has a row for each field that was ever decided.
create or replace view publish.why_value as
with op as (
    select o.golden_id, o.system || '/' || o.object || '/' || o.record_id as record_key, o.field, o.operation, o.state,
        o.code, o.message, o.plan_id, o.run_id, o.ended_at, c.source_key, coalesce(c.rule, a.rule) as rule,
        coalesce(c.reason, a.reason) as reason
    from push.outbox o
    left join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
    left join (from push.audit qualify row_number() over (partition by plan_id, op_id order by written_at) = 1) a
        on a.plan_id = o.plan_id and a.op_id = o.op_id
    where o.record_id is not null
),
written as (
    from op where state = 'landed'
    qualify row_number() over (partition by record_key, field order by plan_id desc, ended_at desc) = 1
),
stuck as (
    select c.golden_id, c.system || '/' || c.object || '/' || c.record_id as record_key, c.field, c.rule, c.source_key,
        c.plan_id, coalesce(o.state, c.problem_state, case when p.state in ('held', 'expired') then 'held_by_guard' else 'planned' end) as state,
        coalesce(nullif(o.message, ''), c.problem) as message, o.code, p.run_id
    from plan.plan p join plan.operation c using (plan_id)
    left join push.outbox o on o.plan_id = c.since_plan and o.op_id = c.op_id
    where p.plan_id >= (select max(plan_id) from plan.plan where purpose = 'sync') and c.record_id is not null
        and p.state <> 'superseded' and coalesce(o.state, '') <> 'landed'
),
hold as (
    select coalesce(r.survivor_id, h.golden_id) as golden_id, h.record_key, h.field, h.origin, h.held_by, h.why, h.run_id
    from state.hold h left join golden.redirect r on r.golden_id = h.golden_id where h.ended_at is null
),
subject as (
    select golden_id, record_key, field from state.base
    union select l.golden_id, w.record_key, w.field from written w join golden.link l using (record_key) where w.field <> '*'
    union select golden_id, record_key, field from stuck where field <> '*'
)
select s.record_key, s.golden_id, s.field,
    case when h.golden_id is not null then 'held' when k.record_key is not null then k.state
        when c.winner = 'nobody' then 'conflict' when w.record_key is not null or m.record_key is not null then 'written'
        else 'read' end as why,
    coalesce(k.rule, w.rule, a.rule, m.rule) as rule, coalesce(k.source_key, w.source_key, m.source_key) as source_key,
    coalesce(h.run_id, k.run_id, w.run_id, m.run_id, b.run_id) as run_id, coalesce(w.ended_at, m.ended_at) as written_at,
    case
        when h.golden_id is not null then if(h.origin = 'undo', 'our write was taken back, asked for by ', 'pinned by ')
            || h.held_by || coalesce(': ' || nullif(h.why, ''), '')
        when k.record_key is not null then 'a write is called for: ' || if(starts_with(k.message, k.state || ': '), k.message,
            replace(k.state, '_', ' ') || coalesce(', ' || coalesce(k.message, nullif(k.code, '')), ''))
        when c.winner = 'nobody' then 'the records disagree and nobody has won: ' || c.why
        when w.record_key is not null then 'run ' || w.run_id || ' wrote it' || coalesce(' from ' || w.source_key, '')
            || ': ' || coalesce(w.reason, '') || ' (' || coalesce(w.rule, '') || ')'
        when m.record_key is not null then 'run ' || m.run_id || ' created the record' || coalesce(' for ' || m.source_key, '')
        else 'it was read so' || coalesce(', and decided in run ' || b.run_id || coalesce(' (' || a.rule || ')', ''), '')
    end as sentence,
    case
        when h.golden_id is not null then h.held_by || if(h.origin = 'undo', 'の依頼で書き込みを取り消し、保留中', 'が固定中')
            || coalesce(': ' || nullif(h.why, ''), '')
        when k.record_key is not null then '書き込みが必要ですが、まだ反映されていません（' || k.state || '）'
        when c.winner = 'nobody' then 'レコード間で値が異なり、採用が決まっていません'
        when w.record_key is not null then '実行' || w.run_id || 'が書き込みました' || coalesce('（元: ' || w.source_key || '）', '')
            || '。ルール: ' || coalesce(w.rule, '')
        when m.record_key is not null then '実行' || m.run_id || 'がレコードを作成しました'
        else '読み取った値のままです' || coalesce('。実行' || b.run_id || 'で判定', '')
    end as sentence_ja
from subject s
left join state.base b on b.record_key = s.record_key and b.field = s.field
left join state.agreed a on a.golden_id = s.golden_id and a.field = s.field
left join written w on w.record_key = s.record_key and w.field = s.field and coalesce(b.run_id <= w.run_id, true)
left join written m on m.record_key = s.record_key and m.operation = 'create' and coalesce(b.run_id <= m.run_id, true)
left join stuck k on k.record_key = s.record_key and k.field = s.field
left join plan.conflict c on c.golden_id = s.golden_id and c.field = s.field
    and c.last_plan = (select max(plan_id) from plan.plan where purpose = 'sync')
left join hold h on h.golden_id = s.golden_id and coalesce(h.record_key, s.record_key) = s.record_key
    and coalesce(h.field, s.field) = s.field
qualify row_number() over (partition by s.record_key, s.field order by h.origin, k.plan_id desc, s.golden_id) = 1;

-- Every planned operation with its end (law 25): push's word, else the plan's own refusal, else that the whole plan waits
-- or gave way. `state` null: none yet. Undos are plans like any other.
create or replace view push.operation_end as
select c.plan_id, p.run_id, p.purpose, p.state as plan_state, c.op_id, c.system, c.object, c.operation, c.field,
    coalesce(o.code, regexp_replace(c.problem, '^held by .*', 'held by another record')) as code,
    coalesce(if(c.plan_id = c.since_plan or p.state in ('applying', 'applied'), o.state, null), case
        when p.state = 'superseded' then 'superseded'
        when p.state in ('held', 'approved', 'expired') then coalesce(c.problem_state, 'held_by_guard')
    end) as state
from plan.operation c
join plan.plan p using (plan_id)
left join push.outbox o on o.plan_id = c.since_plan and o.op_id = c.op_id;

-- The accounts of each plan: planned = the sum of its end states + missing. `sent` is no end. `twice`: operations with
-- more than one end.
create or replace view push.accounting as
select plan_id, any_value(run_id) as run_id, any_value(purpose) as purpose, any_value(plan_state) as plan_state,
    count(distinct op_id) as planned, count(*) filter (state = 'landed') as landed,
    count(*) filter (state = 'rejected') as rejected, count(*) filter (state = 'invalid') as invalid,
    count(*) filter (state = 'stale') as stale, count(*) filter (state = 'blocked') as blocked,
    count(*) filter (state = 'quarantined') as quarantined, count(*) filter (state = 'held_by_guard') as held_by_guard,
    count(*) filter (state = 'not_sent') as not_sent, count(*) filter (state = 'superseded') as superseded,
    count(*) filter (state = 'unknown') as unknown, count(*) filter (coalesce(state, 'sent') = 'sent') as missing,
    count(*) - count(distinct op_id) as twice
from push.operation_end group by plan_id;

-- Golden values as they were after a run, one row a part, with the record that each is of: today's, with what was
-- replaced since laid over them. It tells nothing of runs before golden.history was kept.
create or replace macro golden.as_of(run) as table
with born as (
    select golden_id, min(since_run) as since_run
    from (select golden_id, since_run from golden.link union all select golden_id, since_run from golden.former_link)
    group by golden_id
),
replaced as (
    from golden.history where replaced_run > run
    qualify row_number() over (partition by golden_id, field, part order by replaced_run) = 1
)
select golden_id, split_part(golden_id, '-', 1) as kind, field, part, value, record_key
from (
    select golden_id, field, part, value, record_key from replaced
    union all
    select golden_id, field, part, value, record_key
    from golden.provenance anti join replaced using (golden_id, field, part)
) semi join (from born where since_run <= run) using (golden_id)
where value is not null and run >= coalesce((select max(since_run) from golden.remembered), 0);

-- Which record belonged to which golden record after a run; nothing of runs before this was kept.
create or replace macro golden.links_as_of(run) as table
select golden_id, record_key
from (
    select golden_id, record_key, since_run, null::integer as until_run from golden.link
    union all
    select golden_id, record_key, since_run, until_run from golden.former_link
)
where since_run <= run and coalesce(until_run > run, true)
    and run >= coalesce((select max(since_run) from golden.remembered), 0);
