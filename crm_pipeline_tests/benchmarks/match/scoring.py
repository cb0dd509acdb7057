"""How right clusters and pairs are, by counts and without listing pairs. Belongs here: arithmetic. Not here: where
clusters come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Pairs said, pairs true, pairs both. A ratio of nothing is 1: nothing was said wrongly, nothing was missed."""

    said: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __str__(self) -> str:
        return f"precision {self.precision:.4f} recall {self.recall:.4f} F1 {self.f1:.4f} ({self.said} of {self.true})"


def clusters(found: Ints, truth: Ints) -> Score:
    """All pairs implied by clusters against all pairs implied by the truth; one label a record in both."""
    together = pd.Series(np.ones(len(found), dtype=np.int64)).groupby([found, truth], sort=False).size().to_numpy()
    return Score(
        said=_pairs(np.unique(found, return_counts=True)[1]),
        true=_pairs(np.unique(truth, return_counts=True)[1]),
        right=_pairs(together),
    )


def pairs(left: Ints, right: Ints, truth: Ints) -> Score:
    """Listed pairs of rows, each counted once whichever way round, against all pairs of the truth."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    once = np.unique(low[low != high] * np.int64(len(truth)) + high[low != high])
    low, high = once // len(truth), once % len(truth)
    return Score(
        said=len(once),
        true=_pairs(np.unique(truth, return_counts=True)[1]),
        right=int((truth[low] == truth[high]).sum()),
    )


def _pairs(sizes: Ints) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())
