"""`make bench PART=match`: both tools on FEBRL 3 and 4, fake_1000 and synthetic organisations, one after the other.

Belongs here: what is run in which order, and the tables. Not here: a tool (tools.py), a score (scoring.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from crm_pipeline_tests.benchmarks.figures import machine
from crm_pipeline_tests.benchmarks.match import scoring
from crm_pipeline_tests.benchmarks.match.data_sets import DataSet, labelled, synthetic
from crm_pipeline_tests.benchmarks.match.generator.organisation import Organisation
from crm_pipeline_tests.benchmarks.match.generator.pairs import (
    FALSE_KINDS,
    NOTHING,
    ONLY_NAME,
    TRUE_KINDS,
    false_kinds,
    true_pairs,
    within,
)
from crm_pipeline_tests.benchmarks.match.process import FailedError
from crm_pipeline_tests.benchmarks.match.tools import Outcome, ours, splink, splink_is_here

#: What is made and what the tools wrote, beside the other data of the project.
WORK = Path(__file__).parents[3] / "data" / "bench" / "match"
_HEADS = ("data", "tool", "precision", "recall", "F1", "auto precision", "seconds", "of which", "peak MiB")
#: False pairs are told apart in clusters up to this size only: a chain of thousands has millions.
_LARGEST = 50


def main(records: int, seeds: Sequence[int], source: Path) -> None:
    """Print a row for each data set and tool; kinds of difficulty of synthetic ones afterwards."""
    print(machine(), flush=True)
    if not splink_is_here():
        print("Splink is left out: it is not installed (pip install -e '.[bench]').")
    public = list(labelled(source, WORK))
    if not public:
        print(f"FEBRL and fake_1000 are left out: {source} has none of them (docs/benchmarks.md, section Matching).")
    print(_line(_HEADS), _line(["---"] * 2 + ["---:"] * 5 + ["---", "---:"]), sep="\n", flush=True)
    details = []
    for data in (*public, *(synthetic(WORK, records, seed) for seed in seeds)):
        outcomes = []
        for outcome in _outcomes(data):
            print(_line(_row(data, outcome)), flush=True)
            outcomes.append(outcome)
        if data.made:
            details.append(_by_kind(data, data.made, outcomes))
    print(*details, sep="\n")


def _outcomes(data: DataSet) -> Iterator[Outcome]:
    """Ours, then Splink at its threshold and at the best one by the labels."""
    folder = WORK / f"results-{''.join(c for c in data.name if c.isalnum())}"
    try:
        yield ours(data, folder)
    except FailedError as error:
        print(f"(ours on {data.name}: {error})", flush=True)
    if not splink_is_here():
        return
    try:
        fixed, *others = splink(data, folder)
    except FailedError as error:
        print(f"(Splink on {data.name}: {error})", flush=True)
        return
    yield fixed
    best = max([fixed, *others], key=lambda outcome: scoring.clusters(outcome.labels, data.truth).f1)
    yield Outcome(f"{best.tool}, best by the labels", best.labels, None, {}, best.run)


def _row(data: DataSet, outcome: Outcome) -> list[str]:
    score = scoring.clusters(outcome.labels, data.truth)
    automatic = "" if outcome.automatic is None else f"{scoring.pairs(*outcome.automatic, data.truth).precision:.4f}"
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in outcome.steps.items())
    ratios = [f"{ratio:.4f}" for ratio in (score.precision, score.recall, score.f1)]
    peak = f"{outcome.run.peak:,}"
    return [data.name, outcome.tool, *ratios, automatic, f"{outcome.run.seconds:.1f}", steps, peak]


def _by_kind(data: DataSet, made: Organisation, outcomes: Sequence[Outcome]) -> str:
    """Recall by what is hard about a true pair, and false pairs by what made them look alike."""
    true = true_pairs(made)
    count = np.bincount(true.kind, minlength=len(TRUE_KINDS))
    shares = dict(zip(TRUE_KINDS, count / max(1, len(true.kind)), strict=True))
    lines = [
        f"\n{data.name}: {shares[NOTHING]:.1%} of the true pairs have nothing in common, {shares[ONLY_NAME]:.1%} "
        "the whole name only\n",
        _line(["true pairs", "share", *(f"found by {outcome.tool}" for outcome in outcomes)]),
        _line(["---", *["---:"] * (len(outcomes) + 1)]),
    ]
    found = [outcome.labels[true.left] == outcome.labels[true.right] for outcome in outcomes]
    for place, kind in enumerate(TRUE_KINDS):
        of_kind = true.kind == place
        recalls = (f"{hit[of_kind].mean():.3f}" if count[place] else "" for hit in found)
        lines.append(_line([kind, f"{shares[kind]:.3f}", *recalls]))
    lines += ["", _line(["false pairs", *(outcome.tool for outcome in outcomes)])]
    lines.append(_line(["---", *["---:"] * len(outcomes)]))
    wrong = [_false(made, outcome) for outcome in outcomes]
    rows = [*FALSE_KINDS, f"in clusters above {_LARGEST}"]
    lines += [_line([name, *(f"{counts[place]:,}" for counts in wrong)]) for place, name in enumerate(rows)]
    return "\n".join(lines)


def _false(made: Organisation, outcome: Outcome) -> list[int]:
    """How many false pairs of each kind; the last number is that of all in too large clusters."""
    sizes = np.bincount(outcome.labels)[outcome.labels]
    small = np.where(sizes <= _LARGEST, outcome.labels, len(sizes) + np.arange(len(sizes)))
    left, right = within(small)
    wrong = made.customer[left] != made.customer[right]
    counts = np.bincount(false_kinds(made, left[wrong], right[wrong]), minlength=len(FALSE_KINDS)).tolist()
    whole = scoring.clusters(outcome.labels, made.customer)
    return [*counts, whole.said - whole.right - sum(counts)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
