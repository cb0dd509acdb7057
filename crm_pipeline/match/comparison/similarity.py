"""How alike two texts are, measured once for each distinct pair of values.

Belongs here: rapidfuzz over distinct pairs of codes. Not here: what a measure means for a field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crm_pipeline.match.records.subjects import Codes

#: Longer texts are measured by their beginning.
_LONGEST = 120


@dataclass(frozen=True)
class Distinct:
    """Distinct unordered pairs of codes: `low` and `high` of each, and the place in them of every pair asked for."""

    low: Codes
    high: Codes
    places: NDArray[np.int64]


def distinct(left: Codes, right: Codes) -> Distinct:
    """The distinct pairs among these; neither order nor side matters."""
    packed = np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)
    places, found = pd.factorize(packed)
    return Distinct((found >> 32).astype(np.int32), (found & 0xFFFFFFFF).astype(np.int32), places.astype(np.int64))


def jaro_winkler(texts: Sequence[str], pairs: Distinct) -> NDArray[np.float32]:
    """Jaro-Winkler similarity of each distinct pair, 0 to 1."""
    return _measured(JaroWinkler.normalized_similarity, *_texts(texts, pairs), np.float32)


def jaro_winkler_between(one: tuple[Sequence[str], Codes], other: tuple[Sequence[str], Codes]) -> NDArray[np.float32]:
    """Jaro-Winkler similarity of texts from two columns (texts, codes), for each place."""
    places, found = pd.factorize(one[1].astype(np.int64) << 32 | other[1])
    left = [one[0][code] for code in (found >> 32).tolist()]
    right = [other[0][code] for code in (found & 0xFFFFFFFF).tolist()]
    return _measured(JaroWinkler.normalized_similarity, left, right, np.float32)[places]


def one_edit(texts: Sequence[str], length: NDArray[np.int32], pairs: Distinct) -> NDArray[np.bool_]:
    """Distinct pairs that are one edit apart, a swap of neighbours counted as one. `length`: of each text."""
    near: NDArray[np.bool_] = np.abs(length[pairs.low] - length[pairs.high]) <= 1
    asked = np.flatnonzero(near)
    some = Distinct(pairs.low[asked], pairs.high[asked], asked)
    near[asked] = _measured(OSA.distance, *_texts(texts, some), np.int32, score_cutoff=1) == 1
    return near


def lengths(texts: Sequence[str]) -> NDArray[np.int32]:
    return np.fromiter(map(len, texts), dtype=np.int32, count=len(texts))


def shorter(length: NDArray[np.int32], pairs: Distinct) -> NDArray[np.int32]:
    """The length of the shorter text of each distinct pair; `length`: of each text."""
    return np.minimum(length[pairs.low], length[pairs.high])


def passing(
    test: Callable[[str, str], bool], texts: Sequence[str], pairs: Distinct, where: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """A test in Python for each distinct pair (only those of `where`; false elsewhere): for what arrays cannot say."""
    found = np.zeros(len(pairs.low), dtype=np.bool_)
    asked = np.arange(len(found)) if where is None else np.flatnonzero(where)
    low, high = pairs.low[asked].tolist(), pairs.high[asked].tolist()
    found[asked] = [test(texts[one], texts[other]) for one, other in zip(low, high, strict=True)]
    return found


def _texts(texts: Sequence[str], pairs: Distinct) -> tuple[list[str], list[str]]:
    return list(map(texts.__getitem__, pairs.low.tolist())), list(map(texts.__getitem__, pairs.high.tolist()))


def _measured(
    scorer: Callable[..., Any], left: list[str], right: list[str], dtype: Any, **options: Any
) -> NDArray[Any]:
    if not left:
        return np.zeros(0, dtype=dtype)
    if max(max(map(len, left)), max(map(len, right))) > _LONGEST:
        left, right = [text[:_LONGEST] for text in left], [text[:_LONGEST] for text in right]
    return process.cpdist(left, right, scorer=scorer, dtype=dtype, workers=1, **options)
