-- Records of one CRM that are one customer ($run), and pairs inside a CRM that wait for a person.
insert into publish.duplicates
select $run, now(), g.system, g.kind, count(*), count(distinct g.golden_id), coalesce(any_value(s.pairs), 0)
from golden_now g
left join (
    select kind, split_part(left_key, '/', 1) as system, count(*) as pairs from match.review
    where split_part(left_key, '/', 1) = split_part(right_key, '/', 1) group by all
) s on s.kind = g.kind and s.system = g.system
where g.kind in ('person', 'company')
group by g.system, g.kind;
