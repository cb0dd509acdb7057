-- To version 4: an id that redirects keeps its anchor; a decision counts whichever way round its records are written;
-- the survivor of a merge takes over who was there at the time, nobody else; what accepting a pair would write is kept.

alter table golden.redirect add column anchor_key varchar;

-- The companions, in its golden record, of a record that its CRM merged or converted, as they were then: its survivor
-- takes them over. Whoever joins the golden record later is none.
create table state.companion (gone_key varchar not null, companion_key varchar not null);
insert into state.companion
select a.record_key, b.record_key
from golden.link a
join golden.link b on b.golden_id = a.golden_id and b.record_key <> a.record_key
join raw.tombstone t on t.system = a.system and t.object = a.object and t.record_id = a.record_id
where t.survivor_id is not null and (b.since_run < t.run_id or b.since_run <= a.since_run);

-- What accepting a pair in review, and nothing else, would write. `inputs`: a hash of what that follows from; pairs of
-- which nothing changed are not planned again.
create table publish.preview (
    left_key varchar not null,
    right_key varchar not null,
    inputs ubigint not null,
    would_write varchar[] not null
);
