"""How many of the labelled samples come out as labelled, by field; odd rows were tuned on, even ones held out.

`python -m crm_pipeline_tests.normalise.contact_accuracy [KIND]` prints the figures and, for a kind, what is wrong in
the rows for tuning.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from crm_pipeline.normalise.city import fold_place
from crm_pipeline.normalise.keys import keys
from crm_pipeline_tests.normalise.sample import flags_missed, sample, text

FIELDS = {
    "phone": ("phones_more", ("e164", "extension", "status", "prefecture")),
    "e-mail": ("e_mails_more", ("delivery", "identity", "domain", "flags")),
    "date": ("dates_more", ("date", "flags")),
    "address": ("addresses_more", ("prefecture", "city", "town", "number", "building", "postal_code")),
}

#: (raw, what was found, what is right): of one field.
Wrong = tuple[str, str, str]


def wrong(kind: str, held_out: bool) -> tuple[int, dict[str, list[Wrong]]]:
    """The number of rows of a half, and what is wrong in them by field."""
    name, fields = FIELDS[kind]
    rows = sample(name)[int(held_out) :: 2]
    found: dict[str, list[Wrong]] = {field: [] for field in fields}
    for raw, *labels in rows:
        raw = raw.replace("\\n", "\n").replace("\\t", "\t")
        got = keys(kind, raw)
        for field, label in zip(fields, labels, strict=True):
            if not _same(kind, field, got[field], label):
                found[field].append((raw, text(got[field]), label))
    return len(rows), found


def _same(kind: str, field: str, got: object, label: str) -> bool:
    if field == "flags":
        return not flags_missed(label, frozenset(got if isinstance(got, list) else ()))
    fold: Callable[[str], str] = fold_place if kind == "address" else str
    return fold(text(got)) == fold(label)


def main(kinds: list[str]) -> None:
    """Print the figures of the kinds (all, when none is named)."""
    for kind in kinds or FIELDS:
        halves = [wrong(kind, held_out) for held_out in (False, True)]
        for field in FIELDS[kind][1]:
            shares = " ".join(f"{n - len(by_field[field]):>4} of {n}" for n, by_field in halves)
            print(f"{kind:<8} {field:<12} {shares}")
        for field, cases in halves[0][1].items() if kinds else ():
            for raw, got, label in cases:
                print(f"    {field}: {raw!r}: {got} instead of {label}")


if __name__ == "__main__":
    main(sys.argv[1:])
