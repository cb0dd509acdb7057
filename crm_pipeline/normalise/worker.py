"""A file of raw values in, a file of their keys out: what processes of their own do for value.py.

`python -m crm_pipeline.normalise.worker REGION FOLDER FILE...` Belongs here: from a raw value to a row of
normalise.value. Not here: the keys (the pure modules), sharing out and keeping (value.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from crm_pipeline.normalise.address import normalise_address
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.corporate_number import corporate_number
from crm_pipeline.normalise.date import normalise_date
from crm_pipeline.normalise.domain import company_domain
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.name import normalise_name, normalise_name_parts
from crm_pipeline.normalise.phone import normalise_phone

#: Between the fields of a name or an address; no CRM keeps it in a text.
SEPARATOR = "\x1f"

Row = dict[str, object]


def work(raw: Path, keys: Path, region: str) -> None:
    """Write the keys of each value in the file `raw` (JSON lines of kind and raw) to `keys`, whole or not at all."""
    unfinished = keys.with_suffix(".unfinished")
    with raw.open("rb") as values, unfinished.open("wb") as file:
        for line in values:
            value = orjson.loads(line)
            row = keys_of(value["kind"], value["raw"], region)
            row["kind"], row["raw"] = value["kind"], value["raw"]
            file.write(orjson.dumps(row))
            file.write(b"\n")
    unfinished.rename(keys)


def keys_of(kind: str, raw: str, region: str) -> Row:
    """The columns of normalise.value for one value. Raises KeyError for a kind that does not exist."""
    return normalise_phone_row(raw, region) if kind == "phone" else _KINDS[kind](raw)


def normalise_phone_row(raw: str, region: str) -> Row:
    row = normalise_phone(raw, region).as_json()
    row["line"] = row.pop("kind")
    return row


def _name(raw: str) -> Row:
    family, given, *whole = raw.split(SEPARATOR)
    name = normalise_name(whole[0]) if whole else normalise_name_parts(family or None, given or None)
    row = name.as_json()
    return {column: row[column] for column in ("family_key", "given_key", "script", "readings", "flags")}


def _address(raw: str) -> Row:
    postal_code, prefecture, city, street, country = raw.split(SEPARATOR)
    return normalise_address(
        prefecture=prefecture, city=city, street=street, postal_code=postal_code, country=country
    ).as_json()


def _company(raw: str) -> Row:
    row = normalise_company(raw).as_json()
    return {
        "company_key": row["key"],
        "legal_form": row["legal_form"],
        "legal_form_position": row["legal_form_position"],
    }


_KINDS: dict[str, Callable[[str], Row]] = {
    "name": _name,
    "address": _address,
    "company": _company,
    "website": lambda raw: {"domain": company_domain(raw)},
    "corporate number": lambda raw: {"corporate_number": corporate_number(raw)},
    "e-mail": lambda raw: normalise_e_mail(raw).as_json(),
    "date": lambda raw: normalise_date(raw).as_json(),
}

if __name__ == "__main__":
    _, region_, folder, *files = sys.argv
    for file_ in map(Path, files):
        work(file_, Path(folder) / file_.name, region_)
