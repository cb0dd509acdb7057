-- The reach of this run ($run_id): one row for each CRM and capability.
insert into publish.reach
select $run_id, now(), s.system, c.capability,
    (select count(*) from capability x where x.system = s.system and x.capability = c.capability and x.possible),
    (select count(*) from capability x where x.system = s.system and x.capability = c.capability and x.before),
    (select count(distinct golden_id) from golden_now where kind = 'person')
from (select unnest(['hubspot', 'salesforce']) as system) s
cross join (select unnest(['mail', 'phone', 'pick by industry']) as capability) c;
