"""The golden stage: from clusters to golden ids, the crosswalk and the golden values.

Belongs here: reading and writing golden.entity, link and redirect. Not here: who keeps which id (entity.py), values
(values.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.golden.entity import Assigned, Known, Record, assign, primary, side_of
from crm_pipeline.golden.values import write_values
from crm_pipeline.match.decisions import survivors
from crm_pipeline.model import Kind, System, split_record_key
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert


@dataclass(frozen=True)
class GoldenResult:
    """Golden records with a live record, those minted in this run, and those that redirect to another since."""

    people: int
    companies: int
    minted: int
    redirected: int


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> GoldenResult:
    """Carry golden ids on to the new clusters and compute every golden value. The same clusters give the same ids."""
    counts: dict[Kind, int] = {}
    minted = redirected = 0
    with warehouse.connect() as connection:
        connection.execute("delete from golden.provenance")
        for kind in Kind:
            known = _known(connection, kind)
            records = _records(connection, kind)
            clusters = dict(
                connection.execute("select record_key, cluster from match.cluster where kind = ?", [kind]).fetchall()
            )
            assigned = assign(kind, records, clusters, known)
            _write_identity(connection, kind, records, assigned, known, run_id)
            minted += assigned.last - known.last
            redirected += len(assigned.redirects)
            counts[kind] = write_values(connection, settings, kind)
    return GoldenResult(counts[Kind.PERSON], counts[Kind.COMPANY], minted, redirected)


def _known(connection: Connection, kind: Kind) -> Known:
    anchors = dict(
        connection.execute("select golden_id, anchor_key from golden.entity where kind = ?", [kind]).fetchall()
    )
    links = dict(connection.execute("select record_key, golden_id from golden.link where kind = ?", [kind]).fetchall())
    row = connection.execute("select last from state.counter where kind = ?", [kind]).fetchone()
    return Known(anchors, links, int(row[0]) if row else 0)


def _records(connection: Connection, kind: Kind) -> list[Record]:
    became = survivors(connection)
    rows = connection.execute(
        "select record_key, created_at, retired from raw.record where kind = ? order by record_key", [kind]
    ).fetchall()
    return [Record(key, created, retired, became.get(key)) for key, created, retired in rows]


def _write_identity(
    connection: Connection, kind: Kind, records: Iterable[Record], assigned: Assigned, known: Known, run_id: int
) -> None:
    earlier = dict(
        connection.execute("select golden_id, created_run from golden.entity where kind = ?", [kind]).fetchall()
    )
    connection.execute("delete from golden.entity where kind = ?", [kind])
    insert(
        connection,
        "golden.entity",
        (
            {"golden_id": golden_id, "kind": kind, "anchor_key": anchor, "created_run": earlier.get(golden_id, run_id)}
            for golden_id, anchor in assigned.anchors.items()
        ),
    )
    _write_redirects(connection, assigned, run_id)
    connection.execute("delete from state.counter where kind = ?", [kind])
    connection.execute("insert into state.counter values (?, ?)", [kind, assigned.last])
    _write_links(connection, kind, records, assigned, known, run_id)


def _write_redirects(connection: Connection, assigned: Assigned, run_id: int) -> None:
    """Every redirect leads to its end in one step."""
    for gone, stays in assigned.redirects.items():
        connection.execute("update golden.redirect set survivor_id = ? where survivor_id = ?", [stays, gone])
    insert(
        connection,
        "golden.redirect",
        ({"golden_id": gone, "survivor_id": stays, "run_id": run_id} for gone, stays in assigned.redirects.items()),
    )


def _write_links(
    connection: Connection, kind: Kind, records: Iterable[Record], assigned: Assigned, known: Known, run_id: int
) -> None:
    rows = connection.execute(
        "select record_key, since_run, is_primary from golden.link where kind = ?", [kind]
    ).fetchall()
    since = {key: first for key, first, _ in rows}
    kept = {(assigned.links[key], side_of(key)): key for key, _, chosen in rows if chosen and key in assigned.links}
    sides: dict[tuple[str, System], list[tuple[Record, str]]] = defaultdict(list)
    ordered = list(records)
    for record in ordered:
        if record.retired is None:
            system, object_, _ = split_record_key(record.key)
            sides[assigned.links[record.key], system].append((record, object_))
    primaries = {primary(members, kept.get(side)) for side, members in sides.items()}
    connection.execute("delete from golden.link where kind = ?", [kind])

    def row(record: Record) -> dict[str, object]:
        golden_id = assigned.links[record.key]
        system, object_, record_id = split_record_key(record.key)
        same = known.links.get(record.key) == golden_id
        return {
            "golden_id": golden_id,
            "kind": kind,
            "record_key": record.key,
            "system": system,
            "object": object_,
            "record_id": record_id,
            "is_primary": record.key in primaries,
            "retired": record.retired,
            "since_run": since[record.key] if same else run_id,
        }

    insert(connection, "golden.link", (row(record) for record in ordered))
