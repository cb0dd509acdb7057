"""What matching files leaves behind: pairs.parquet, clusters.parquet, summary.json, and quarantined.csv if it must.

Belongs here: the shape of the results, and putting all of them in place at once. Not here: where their figures come
from. Other programs rely on the columns (docs/matching.md).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

PAIRS, CLUSTERS, SUMMARY, QUARANTINED = "pairs.parquet", "clusters.parquet", "summary.json", "quarantined.csv"
#: In the order in which they are put in place: a summary is of the files beside it.
NAMES = (QUARANTINED, PAIRS, CLUSTERS, SUMMARY)

#: Every pair worth a look, automatic links first.
_PAIRS = """
select a.system as source_a, a.record_id as id_a, b.system as source_b, b.record_id as id_b,
    p.posterior::double as posterior, p.tier,
    array_to_string(list_transform(
        from_json(p.evidence, '[{{"words": "VARCHAR", "weight": "DOUBLE"}}]'),
        lambda chip: chip.words || printf(' (%+.1f)', chip.weight)
    ), '; ') as evidence
from match.pair p
join normalise.{kind} a on a.record_key = p.left_key
join normalise.{kind} b on b.record_key = p.right_key
where p.kind = '{kind}' and p.tier <> 'none'
order by list_position({tiers}, p.tier), p.posterior desc, p.left_key, p.right_key
"""

#: Every record; a cluster is called after its record that sorts first.
_CLUSTERS = """
select n.system as source, n.record_id as id, concat(h.system, '/', h.record_id) as cluster
from normalise.{kind} n
left join match.cluster c on c.kind = '{kind}' and c.record_key = n.record_key
join normalise.{kind} h on h.record_key = coalesce(c.cluster, n.record_key)
order by h.record_key, n.record_key
"""

#: Rows that are held before they are written: a million records have half a gigabyte of evidence.
_ROWS = 20_000


def checked(folder: Path, inputs: Sequence[Path]) -> None:
    """Make the folder. Raises ConfigError where it is none, or where a result would take the place of an input.

    What else is in the folder stays as it is; results of an earlier time are replaced.
    """
    for path in inputs:
        if path.resolve() in {(folder / name).resolve() for name in NAMES}:
            raise ConfigError(f"{path} would be replaced by a result; name another folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ConfigError(f"{folder} is a file; name a folder with --out") from None
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}; name another folder with --out") from None


def write(connection: Connection, kind: Kind, folder: Path) -> dict[str, Any]:
    """Write pairs and clusters into `folder`, and count them."""
    tiers = [tier.value for tier in (Tier.AUTO, Tier.RECOMMENDED, Tier.POSSIBLE)]
    for name, query in ((PAIRS, _PAIRS), (CLUSTERS, _CLUSTERS)):
        place = str(folder / name).replace("'", "''")
        connection.execute(
            f"copy ({query.format(kind=kind.value, tiers=tiers)}) to '{place}' (format parquet, row_group_size {_ROWS})"
        )
    found = dict(
        connection.execute("select tier, count(*) from match.pair where kind = ? group by tier", [kind]).fetchall()
    )
    row = connection.execute(
        "select count(*), count(distinct cluster) from read_parquet(?)", [str(folder / CLUSTERS)]
    ).fetchone()
    assert row
    return {"records": row[0], "clusters": row[1], "pairs": {tier: found.get(tier, 0) for tier in tiers}}


def finish(scratch: Path, folder: Path, summary: Mapping[str, Any]) -> None:
    """Put the results in place, each whole or not at all, the summary last; a quarantine of an earlier time goes."""
    (scratch / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / SUMMARY).unlink(missing_ok=True)
    (folder / QUARANTINED).unlink(missing_ok=True)
    for name in NAMES:
        if (scratch / name).exists():
            beside = folder / f".{name}.new"
            shutil.copyfile(scratch / name, beside)
            beside.replace(folder / name)
