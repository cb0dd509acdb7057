"""Which test holds which law of spec invariants.md, read from the names of the tests.

Belongs here: names -> numbers. Not here: any law. `python -m crm_pipeline_tests.laws` prints the table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
_TEST = re.compile(r"^\s*(?:async )?def (test_laws?_\w+)\(", re.MULTILINE)
_NUMBERS = re.compile(r"^test_laws?_((?:\d+(?:_(?:to|and)_)?)+)")

#: Laws of later parts, and why they have no test yet.
LATER: dict[int, str] = {}


def numbers(test: str) -> Iterator[int]:
    """The laws in a test's name: `test_law_02_to_05_and_12_...` holds 2, 3, 4, 5 and 12."""
    found = _NUMBERS.match(test)
    for part in found[1].strip("_").split("_and_") if found else ():
        first, _, last = part.partition("_to_")
        yield from range(int(first), int(last or first) + 1)


def by_law() -> dict[int, list[str]]:
    """Law number -> `file::test` of all its tests."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in _TEST.findall(path.read_text(encoding="utf-8")):
            for number in numbers(name):
                found[number].append(f"{path.relative_to(TESTS)}::{name}")
    return dict(sorted(found.items()))
