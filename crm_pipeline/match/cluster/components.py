"""Connected components of links by hooking and pointer jumping: a handful of passes over arrays, chains included."""

from __future__ import annotations

import numpy as np

from crm_pipeline.match.cluster.pairs import Places


def components(count: int, left: Places, right: Places) -> Places:
    """Of each place below `count` the smallest place that links lead to, itself included."""
    root = np.arange(count, dtype=np.int32)
    a, b = left, right
    while len(a):
        a, b = root[a], root[b]
        apart = a != b
        a, b = a[apart], b[apart]
        # every root hooks onto the smallest root next to it, so that only local minima are left
        low, high = np.minimum(a, b), np.maximum(a, b)
        np.minimum.at(root, high, low)
        root = jumped(root)
    return root


def jumped(parent: Places) -> Places:
    """Of each place the end of its chain of parents. Parents of roots are themselves."""
    while True:
        further = parent[parent]
        if np.array_equal(further, parent):
            return parent
        parent = further
