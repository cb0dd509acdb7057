"""The rows of `raw.reconciliation`: one an object and run, and what the next run needs to know of them.

Belongs here: writing and reading the rows. Not here: the arithmetic and the sentences (reconcile.py).
"""

from __future__ import annotations

from datetime import datetime

from crm_pipeline.errors import CrmError
from crm_pipeline.extract.completeness.reconcile import Counts, Method, Past
from crm_pipeline.extract.reading import watermark
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


def past(connection: Connection, system: System, object_: str) -> Past:
    """What the last run that accepted the object's numbers kept without evidence, and when all ids were compared."""
    row = connection.execute(
        "select surplus from raw.reconciliation where system = ? and object = ? and method <> ? "
        "and (here = there or explained <> '') order by run_id desc limit 1",
        [system.value, object_, Method.UNREAD],
    ).fetchone()
    compared, _ = watermark.read(connection, system, _all_ids(object_))
    return Past(int(row[0]) if row else 0, compared)


def record(connection: Connection, run_id: int, system: System, object_: str, counts: Counts, explained: str) -> None:
    """Write the row of a run, in place of one that the same run wrote before.

    An empty `explained` although the numbers differ means that they were refused: nothing is created on their ground.
    What nothing accounts for stands in `missing` or `surplus` as well.
    """
    of = [run_id, system.value, object_]
    missing = counts.missing + max(0, -counts.unexplained)
    surplus = counts.surplus + max(0, counts.unexplained)
    connection.execute("delete from raw.reconciliation where run_id = ? and system = ? and object = ?", of)
    connection.execute(
        "insert into raw.reconciliation (run_id, system, object, here, there, missing, surplus, method, explained) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*of, counts.here, counts.there, missing, surplus, counts.method, explained],
    )


def compared(connection: Connection, run_id: int, system: System, object_: str, at: datetime) -> None:
    """Note that all ids of an object were compared, at a time of the CRM's clock."""
    watermark.move(connection, system, _all_ids(object_), at, "", run_id)


def unread(connection: Connection, run_id: int, system: System, object_: str, error: CrmError) -> int:
    """Write the row of an object that could not be read: what is here stays as it was when it was read last.

    Returns how many are here; how many are there nobody knows: null.
    """
    table = f"raw.{system}_{object_.lower()}"
    (here,) = connection.execute(f"select count(*) from {table} where retired is null").fetchone() or (0,)
    why = f"it could not be read, what is here is as it was when it was read last: {error}"
    record(connection, run_id, system, object_, Counts(here=here, there=here, method=Method.UNREAD), why)
    connection.execute(
        "update raw.reconciliation set there = null where run_id = ? and system = ? and object = ?",
        [run_id, system.value, object_],
    )
    return int(here)


def sampled(connection: Connection, run_id: int, system: System, object_: str, number: int) -> None:
    """Note in the row of a run how many records are read back by id."""
    connection.execute(
        "update raw.reconciliation set sampled = ? where run_id = ? and system = ? and object = ?",
        [number, run_id, system.value, object_],
    )


def sample_wrong(connection: Connection, run_id: int, system: System, object_: str, number: int) -> None:
    """Note in the row of a run how many of the records that were read back are not as here."""
    sentence = (
        f" records read back by id {'is' if number == 1 else 'are'} not as here, although nothing shows that "
        "they changed: run once with --full, which reads everything"
    )
    connection.execute(
        "update raw.reconciliation set sample_wrong = ?, "
        "explained = concat_ws('; ', nullif(explained, ''), ? || ' of ' || sampled || ?) "
        "where run_id = ? and system = ? and object = ?",
        [number, str(number), sentence, run_id, system.value, object_],
    )


def _all_ids(object_: str) -> str:
    """The name under which raw.watermark keeps when all ids were compared."""
    return f"{object_}/ids"
