"""Records that came back from their CRM's recycle bin: they belong where their row of the crosswalk says.

Belongs here: finding them, before anything is matched. Not here: the pair that it makes (decisions.py), and that a
person looks at it first (plan/records/deletions.py).
"""

from __future__ import annotations

from crm_pipeline.warehouse import Connection


def take_up(connection: Connection, run_id: int) -> int:
    """Link restored records with the golden record that they were deleted from, without the bases of that time: they
    are NEW. Returns how many there are."""
    objects = connection.execute(
        "select distinct system, object from golden.link where retired = 'deleted' order by all"
    ).fetchall()
    connection.execute("create or replace temp table back (record_key varchar, golden_id varchar)")
    for system, object_ in objects:
        connection.execute(
            f"insert into back select l.record_key, l.golden_id from golden.link l "
            f"join raw.{system}_{object_.lower()} r using (record_id) "
            "where l.system = ? and l.object = ? and l.retired = 'deleted' and r.retired is null",
            [system, object_],
        )
    mine = "record_key in (select record_key from back)"
    connection.execute(f"delete from state.link where origin = 'restored' and {mine}")
    connection.execute("insert into state.link select record_key, golden_id, 'restored', ? from back", [run_id])
    connection.execute(f"delete from state.base where {mine}")
    (number,) = connection.execute("select count(*) from back").fetchone() or (0,)
    connection.execute("drop table back")
    return int(number)
