"""What golden records were before: golden.history and golden.former_link, which golden.as_of reads.

Belongs here: keeping what a run replaces. Not here: computing it (values.py, stage.py), telling it (views.sql).
"""

from __future__ import annotations

from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: What differs from the values taken, either way; a part that comes or goes is null on the other side.
_KEEP_VALUES = """
insert into golden.history
select golden_id, field, part, f.value, f.record_key, $run
from former f full join (from golden.provenance semi join outdated using (golden_id)) p using (golden_id, field, part)
where f.value is distinct from p.value or (f.value is not null and f.record_key is distinct from p.record_key)
"""

_KEEP_LINKS = """
insert into golden.former_link
select l.golden_id, l.record_key, l.since_run, $run
from golden.link l left join crosswalk c using (record_key)
where l.kind = $kind and l.golden_id is distinct from c.golden_id
"""


def take_values(connection: Connection) -> None:
    """`former`: the values of the golden records of `outdated (golden_id)`, before they go."""
    connection.execute(
        "create or replace temp table former as select golden_id, field, part, value, record_key "
        "from golden.provenance semi join outdated using (golden_id)"
    )


def keep_values(connection: Connection, run_id: int) -> None:
    """Remember what became of `former` in this run, once the new values are written."""
    connection.execute(_KEEP_VALUES, {"run": run_id})
    connection.execute("drop table former")


def keep_links(connection: Connection, kind: Kind, run_id: int) -> None:
    """Remember the records that leave a golden record, before `crosswalk` replaces golden.link."""
    connection.execute(_KEEP_LINKS, {"kind": kind, "run": run_id})
