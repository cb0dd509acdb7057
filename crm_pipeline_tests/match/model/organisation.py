"""Made-up people of two sources, of whom some are in both: what estimation can be tried on."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.start import start
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.subjects import Subjects, Values, ValueSets
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.records import mailbox, person

_SYLLABLES = ("ka", "mi", "no", "ra", "shi", "te", "wa", "yo", "zu", "be")


def people(customers: int, in_both: int, seed: int = 1) -> list[dict[str, Any]]:
    """One record of each customer in HubSpot, and one of the first `in_both` in Salesforce, with a slip here and
    there."""
    dice = random.Random(seed)
    rows = []
    for number in range(customers):
        family, given = ("".join(dice.choices(_SYLLABLES, k=3)) for _ in range(2))
        born = f"19{dice.randrange(50, 99)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        address = mailbox(f"{given}.{family}@p{dice.randrange(40)}.example")
        values: dict[str, Any] = {"birth_date": born, "e_mails": [address]}
        rows.append(person(f"hubspot/contacts/{number}", family, given, **values))
        if number < in_both:
            if dice.random() < 0.3:
                values["e_mails"] = []
            if dice.random() < 0.1:
                values["birth_date"] = f"{born[:-2]}{dice.randrange(1, 29):02}"
            rows.append(person(f"salesforce/Contact/{number}", family, given, **values))
    return rows


def subjects(**columns: list[str | None]) -> Subjects:
    """Records with these single values."""
    values = {}
    for name, found in columns.items():
        distinct = sorted({value for value in found if value is not None})
        place = {value: code for code, value in enumerate(distinct)}
        values[name] = Values(_int32(-1 if value is None else place[value] for value in found), distinct)
    return Subjects(_int32(range(len(next(iter(columns.values()))))), values, {}, {})


def listed(count: int, **columns: list[list[str]]) -> Subjects:
    """Records with these lists of values."""
    sets = {}
    for name, found in columns.items():
        distinct = sorted({value for values in found for value in values})
        offsets = _int64([sum(len(values) for values in found[:place]) for place in range(count + 1)])
        codes = _int32([distinct.index(value) for values in found for value in values])
        sets[name] = ValueSets(offsets, codes, distinct)
    return Subjects(_int32(range(count)), {}, sets, {})


def begun(records: int = 1000) -> Model:
    return start(Kind.PERSON, PERSON, {"hubspot": records, "salesforce": records}, {}, {})


def _int32(numbers: Any) -> Any:
    return np.asarray(list(numbers), dtype=np.int32)


def _int64(numbers: Any) -> Any:
    return np.asarray(list(numbers), dtype=np.int64)
