-- Who may be the same customer, and why.
create schema match;

create table match.pair (
    kind varchar not null,
    left_key varchar not null,    -- the smaller record_key
    right_key varchar not null,
    weight double not null,       -- log10 of the likelihood ratio, all evidence together
    posterior double not null,
    tier varchar not null,        -- auto, recommended, possible, none
    evidence json not null,       -- [{"comparison", "verdict": supports|contradicts, "weight", "words", "words_ja"}], strongest first
    evidence_hash varchar not null, -- "identifiers-everything": a rejected pair comes back by the first part only
    candidates integer not null,  -- how many candidates compete for either record, this one included
    rules varchar[] not null,     -- blocking rules that brought the pair
    why_not_auto varchar          -- the reason in words, for review tiers
);

-- Records that are one customer: auto links, accepted reviews, records we created.
create table match.cluster (kind varchar not null, record_key varchar not null, cluster varchar not null); -- the smallest record_key

create table match.coverage (kind varchar not null, rule varchar not null, pairs bigint not null, added bigint not null, records bigint not null);

-- Decisions that contradict each other, constraints that cut a cluster: reported, never resolved in silence.
create table match.problem (kind varchar not null, left_key varchar not null, right_key varchar not null, problem varchar not null);

-- Pairs that wait for a person: undecided, unsure and with new evidence since, or rejected and with a new identifier.
create view match.review as
select p.*
from match.pair p
left join (
    from state.decision
    qualify row_number() over (partition by left_key, right_key order by decided_at desc) = 1
) d on d.left_key = p.left_key and d.right_key = p.right_key
left join match.cluster l on l.record_key = p.left_key
left join match.cluster r on r.record_key = p.right_key
where p.tier in ('recommended', 'possible')
  and (l.cluster is distinct from r.cluster)
  and case d.verdict
      when 'not_a_match' then split_part(d.evidence_hash, '-', 1) <> split_part(p.evidence_hash, '-', 1)
      else d.evidence_hash is distinct from p.evidence_hash end;
