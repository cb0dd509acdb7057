-- Version 2 -> 3: what is compared, blocking keys and scored pairs stay from run to run, and keys are kept in columns.
-- Both schemas hold nothing that is not made from the records: they are made anew, from the files of tables/.
drop schema match cascade;
drop schema normalise cascade;

-- What each golden record's values were computed from, as a hash: the same again is not computed again.
create table golden.computed (golden_id varchar not null, kind varchar not null, inputs ubigint not null);
