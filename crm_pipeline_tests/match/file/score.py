"""How good the results of `crm-pipeline match` are, against known truth: pairs in one cluster, and pairs linked.

`python -m crm_pipeline_tests.match.file.score OUT TRUTH FILE...` prints it; TRUTH: a column, or `rec` for FEBRL's ids.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path

import duckdb

from crm_pipeline_tests.benchmarks.match.scoring import Score

#: (source, id) of a row.
Row = tuple[str, str]


def clusters(out: Path) -> dict[Row, str]:
    rows = duckdb.connect().execute(f"select source, id, cluster from '{out / 'clusters.parquet'}'").fetchall()
    return {(source, id_): cluster for source, id_, cluster in rows}


def cluster_score(found: Mapping[Row, str], truth: Callable[[Row], str]) -> Score:
    """Of all pairs of rows in one cluster."""
    both = Counter((found[row], truth(row)) for row in found)

    def pairs(sizes: Iterable[int]) -> int:
        return sum(size * (size - 1) // 2 for size in sizes)

    return Score(
        said=pairs(Counter(found.values()).values()),
        true=pairs(Counter(map(truth, found)).values()),
        right=pairs(both.values()),
    )


def pair_score(out: Path, truth: Callable[[Row], str], tier: str = "auto") -> Score:
    """Of the pairs of one tier."""
    rows = (
        duckdb.connect()
        .execute(f"select source_a, id_a, source_b, id_b from '{out / 'pairs.parquet'}' where tier = '{tier}'")
        .fetchall()
    )
    right = sum(truth((a, one)) == truth((b, other)) for a, one, b, other in rows)
    true = sum(size * (size - 1) // 2 for size in Counter(map(truth, clusters(out))).values())
    return Score(said=len(rows), true=true, right=right)


def febrl(row: Row) -> str:
    """rec-1070-org and rec-1070-dup-0 are one person."""
    return "-".join(row[1].split("-")[:2])


def by_column(path: Path, id_: str, column: str) -> Callable[[Row], str]:
    rows = duckdb.connect().execute(f"select {id_}, {column} from read_csv('{path}', all_varchar = true)").fetchall()
    known = dict(rows)
    return lambda row: known[row[1]]


def misses(out: Path, truth: Callable[[Row], str]) -> tuple[list[tuple[Row, Row]], list[tuple[Row, Row]]]:
    """Pairs of one customer in different clusters, and pairs of different ones in one cluster."""
    found = clusters(out)
    people: dict[str, list[Row]] = {}
    joined: dict[str, list[Row]] = {}
    for row, cluster in found.items():
        people.setdefault(truth(row), []).append(row)
        joined.setdefault(cluster, []).append(row)
    apart = [(a, b) for rows in people.values() for a, b in combinations(rows, 2) if found[a] != found[b]]
    wrong = [(a, b) for rows in joined.values() for a, b in combinations(rows, 2) if truth(a) != truth(b)]
    return apart, wrong


if __name__ == "__main__":
    out_, how, *files = sys.argv[1:]
    truth_ = febrl if how == "rec" else by_column(Path(files[0]), files[1], how)
    print("clusters   ", cluster_score(clusters(Path(out_)), truth_))
    for tier_ in ("auto", "recommended", "possible"):
        print(f"{tier_:12}", pair_score(Path(out_), truth_, tier_))
