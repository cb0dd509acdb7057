"""How often names and companies come out as a person labelled them, by field.

`python -m crm_pipeline_tests.normalise.accuracy [--misses]` prints the shares, and what misses.
Rows with an odd CRC-32 are held out: rules were improved on the others only, and misses of these are never printed.
"""

from __future__ import annotations

import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator

from crm_pipeline.normalise import kanji, romaji
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.name import Name, normalise_name, normalise_name_parts
from crm_pipeline.normalise.name_dictionary import key
from crm_pipeline_tests.normalise.sample import flags_missed, sample, text

#: Table, field, what was asked, whether it agrees.
Check = tuple[str, str, str, bool]


def checks() -> Iterator[Check]:
    yield from _people("people")
    yield from _people("people_unseen")
    yield from _firms()
    yield from _kanji_pairs()
    yield from _readings()


def _people(table: str) -> Iterator[Check]:
    for raw, family, given, family_key, given_key, reading, flags in sample(table):
        name = normalise_name(raw)
        yield from _agree(table, raw, "family", name.family, family)
        yield from _agree(table, raw, "given", name.given, given)
        yield from _agree(table, raw, "family_key", name.family_key, family if family_key == "=" else family_key)
        yield from _agree(table, raw, "given_key", name.given_key, given if given_key == "=" else given_key)
        if reading != "-":
            yield table, "reading", raw, _reads(name, reading)
        if flags:
            yield table, "flags", raw, not flags_missed(flags, name.flags)
        else:
            yield table, "flags", raw, not name.flags & {"placeholder", "junk", "company"}


def _agree(table: str, raw: str, field: str, found: str | None, wanted: str) -> Iterator[Check]:
    if wanted != "*":
        yield table, field, raw, text(found) == (wanted.lower() if field.endswith("key") else wanted)


def _reads(name: Name, reading: str) -> bool:
    return any(_compared(reading) == _compared(found) for found in name.readings)


def _compared(reading: str) -> str:
    return " ".join(romaji.key(part) for part in reading.split())


def _firms() -> Iterator[Check]:
    for raw, wanted, form, position in sample("firms"):
        company = normalise_company(raw)
        yield "firms", "key", raw, text(company.key) == wanted
        yield "firms", "legal_form", raw, text(company.legal_form) == form
        yield "firms", "position", raw, text(company.legal_form_position) == position


def _kanji_pairs() -> Iterator[Check]:
    for a, b, relation in sample("kanji_pairs"):
        one, other = key(a), key(b)
        if one == other:
            found = "equal"
        elif kanji.weak(one) == kanji.weak(other):
            found = "weak"
        else:
            shared = set(normalise_name_parts(a, None).readings) & set(normalise_name_parts(b, None).readings)
            found = "weak" if relation == "weak" and shared else "different"
        yield "kanji_pairs", relation, f"{a} {b}", found == relation


def _readings() -> Iterator[Check]:
    for family, given, reading in sample("readings"):
        yield "readings", "reading", f"{family} {given}", _reads(normalise_name_parts(family, given), reading)


def is_held_out(asked: str) -> bool:
    return zlib.crc32(asked.encode()) % 2 == 1


def shares() -> dict[tuple[str, str, bool], tuple[int, int]]:
    """How many agree, of how many, by table, field and whether held out."""
    counts: defaultdict[tuple[str, str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for table, field, asked, agrees in checks():
        count = counts[table, field, is_held_out(asked)]
        count[0] += agrees
        count[1] += 1
    return {place: (agreeing, asked) for place, (agreeing, asked) in counts.items()}


def main() -> None:
    if "--misses" in sys.argv:
        for table, field, asked, agrees in checks():
            if not agrees and not is_held_out(asked):
                print(table, field, asked, sep="\t")
    found = shares()
    print(f"{'table':12} {'field':12} {'worked on':>16} {'held out':>16}")
    for table, field in dict.fromkeys((table, field) for table, field, _ in found):
        halves = (found.get((table, field, held), (0, 0)) for held in (False, True))
        print(f"{table:12} {field:12} " + " ".join(f"{a:4}/{n:4} {a / max(n, 1):6.1%}" for a, n in halves))


if __name__ == "__main__":
    main()
