create table published.matches as
select p.kind, p.tier, p.posterior, p.left_key, l.name as left_name, p.right_key, r.name as right_name,
    coalesce(lg.golden_id = rg.golden_id, false) as linked,
    d.verdict, d.decided_by,
    match.reasons(p.evidence, 'words') as evidence, match.reasons(p.evidence, 'words_ja') as evidence_ja,
    p.why_not_auto, p.candidates
from match.pair p
left join record_name l on l.record_key = p.left_key
left join record_name r on r.record_key = p.right_key
left join golden_now lg on lg.record_key = p.left_key
left join golden_now rg on rg.record_key = p.right_key
left join match.said d on d.left_key = p.left_key and d.right_key = p.right_key
where p.tier <> 'none'
order by p.posterior desc, p.left_key, p.right_key;

comment on table published.matches is 'Pairs of records that are or may be the same customer, with the evidence in words.';
comment on column published.matches.kind is 'person or company.';
comment on column published.matches.tier is 'auto (linked without a person), recommended or possible (a person decides).';
comment on column published.matches.posterior is 'Probability that the two are the same, from 0 to 1.';
comment on column published.matches.left_key is 'The first record: system/object/id.';
comment on column published.matches.left_name is 'Name on the first record. [personal]';
comment on column published.matches.right_key is 'The second record: system/object/id.';
comment on column published.matches.right_name is 'Name on the second record. [personal]';
comment on column published.matches.linked is 'Whether both belong to one customer now.';
comment on column published.matches.verdict is 'What a person last said: match, not_a_match or unsure; null if nobody did.';
comment on column published.matches.decided_by is 'Who said so. [personal]';
comment on column published.matches.evidence is 'What speaks for (+) and against (-) it, strongest first. [personal]';
comment on column published.matches.evidence_ja is 'The evidence in Japanese. [personal]';
comment on column published.matches.why_not_auto is 'Why a person must decide; null for automatic links.';
comment on column published.matches.candidates is 'How many candidates compete for either record, this one included.';
