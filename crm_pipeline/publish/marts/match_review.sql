create table published.match_review as
select p.kind, p.tier, p.posterior, p.left_key, l.name as left_name, p.right_key, r.name as right_name,
    match.reasons(p.evidence, 'words') as evidence, match.reasons(p.evidence, 'words_ja') as evidence_ja,
    p.why_not_auto, p.candidates, coalesce(w.would_write, []) as would_write, ln.fields as left_fields, rn.fields as right_fields
from match.review p
left join record_name l on l.record_key = p.left_key
left join record_name r on r.record_key = p.right_key
left join record_now ln on ln.record_key = p.left_key
left join record_now rn on rn.record_key = p.right_key
left join publish.preview w on w.left_key = p.left_key and w.right_key = p.right_key
order by p.posterior desc, p.left_key, p.right_key;

comment on table published.match_review is 'Pairs that wait for a person''s decision, with both records as they are now.';
comment on column published.match_review.kind is 'person or company.';
comment on column published.match_review.tier is 'recommended or possible.';
comment on column published.match_review.posterior is 'Probability that the two are the same, from 0 to 1.';
comment on column published.match_review.left_key is 'The first record: system/object/id.';
comment on column published.match_review.left_name is 'Name on the first record. [personal]';
comment on column published.match_review.right_key is 'The second record: system/object/id.';
comment on column published.match_review.right_name is 'Name on the second record. [personal]';
comment on column published.match_review.evidence is 'What speaks for (+) and against (-) it, strongest first. [personal]';
comment on column published.match_review.evidence_ja is 'The evidence in Japanese. [personal]';
comment on column published.match_review.would_write is 'What accepting the pair, and nothing else, would write: record, field, old -> new (rule). [personal]';
comment on column published.match_review.why_not_auto is 'Why it was not linked automatically.';
comment on column published.match_review.candidates is 'How many candidates compete for either record, this one included.';
comment on column published.match_review.left_fields is 'The first record''s mapped fields. [personal]';
comment on column published.match_review.right_fields is 'The second record''s mapped fields. [personal]';
