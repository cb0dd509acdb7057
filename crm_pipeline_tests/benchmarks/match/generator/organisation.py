"""A whole organisation: two CRM exports and who each record is. Belongs here: putting the parts together, files.

`records` is the number of records of both CRMs together (100,000 are about 50,000 in each). Seeds 1 to 3 are for
development; 101 to 103 are reserved for the final figure: nobody may look at results of those before all settings of
the matcher are frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from crm_pipeline_tests.benchmarks.match.generator import known, people, rates, spelling, words
from crm_pipeline_tests.benchmarks.match.generator.known import MARKETING, SALES, Known
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, texts
from crm_pipeline_tests.benchmarks.match.generator.people import People

FILES = {MARKETING: "marketing", SALES: "sales"}
#: The same columns in both files, as an export to a spreadsheet has them.
COLUMNS = (
    "id",
    "last_name",
    "first_name",
    "kana",
    "email",
    "phone",
    "mobile",
    "company",
    "job_title",
    "postal_code",
    "address",
    "birth_date",
)
MAPPING = """id: id
columns:
  family_name: last_name
  given_name: first_name
  reading: kana
  e_mail: email
  phone: [phone, mobile]
  company: company
  job_title: job_title
  postal_code: postal_code
  address: address
  birth_date: birth_date
"""


@dataclass(frozen=True)
class Organisation:
    """`rows`: COLUMNS as they are in the files; the others are by the same row. `customer` differs for every record
    that is nobody. `form` and `script` are those of the name (spelling.py)."""

    rows: pd.DataFrame
    side: Ints
    customer: Ints
    form: Ints
    script: Ints
    known: Known
    people: People

    def write(self, folder: Path) -> list[Path]:
        """Both files as Parquet, the mapping, and the truth (source, id, customer)."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        with duckdb.connect() as connection:
            for side, name in FILES.items():
                chosen = self.rows[self.side == side]
                connection.register("chosen", chosen)
                paths.append(folder / f"{name}.parquet")
                connection.execute(f"copy (select * from chosen) to '{paths[-1]}' (format parquet)")
                connection.unregister("chosen")
            truth = pd.DataFrame(
                {"source": texts(FILES[s] for s in self.side), "id": self.rows["id"], "customer": self.customer}
            )
            connection.register("truth", truth)
            connection.execute(f"copy (select * from truth) to '{folder / 'truth.parquet'}' (format parquet)")
        (folder / "columns.yaml").write_text(MAPPING)
        return paths


def organisation(records: int, seed: int) -> Organisation:
    """About so many records in both CRMs together; the same for the same arguments."""
    rng = np.random.default_rng([seed, records])
    each = (1 + rates.KNOWN[0]) * (1 + rates.SECOND + 2 * rates.THIRD) * (1 + rates.JUNK_RECORDS)
    customers = max(20, round(records / each))
    persons, firms = people.draw(rng, customers)
    customer, side, number = known.records(rng, customers)
    junk = rng.random(len(customer)) < rates.JUNK_RECORDS
    customer, side, number = (np.concatenate([column, column[junk]]) for column in (customer, side, number))
    nobody = np.concatenate([np.zeros(len(junk), dtype=bool), np.ones(int(junk.sum()), dtype=bool)])
    shuffled = rng.permutation(len(customer))
    customer, side, number, nobody = (column[shuffled] for column in (customer, side, number, nobody))
    facts = known.draw(rng, persons, firms, customer, side, number)
    japanese, given = persons.japanese[customer], persons.given[customer]
    family, first, form, script = spelling.names(rng, facts.family, given, japanese, persons.registered[customer], side)
    postal, address = spelling.addresses(rng, facts.place, facts.extent)
    titles = texts(words.TITLES.split())[rng.integers(0, 14, len(customer))]
    rows = pd.DataFrame(
        {
            "id": _ids(side),
            "last_name": family,
            "first_name": first,
            "kana": spelling.readings(rng, facts.family, given, facts.reading & (form != spelling.FORM["missing"])),
            "email": spelling.e_mails(rng, facts.e_mail),
            "phone": spelling.phones(rng, facts.phone, facts.extension),
            "mobile": spelling.phones(rng, facts.phone_2, np.full(len(customer), "", dtype=object)),
            "company": spelling.companies(rng, firms, facts.employer),
            "job_title": np.where(facts.title, titles, ""),
            "postal_code": postal,
            "address": address,
            "birth_date": spelling.dates(rng, persons.born[customer], facts.born),
        },
        columns=list(COLUMNS),
        dtype=object,
    )
    _make_junk(rng, rows, nobody)
    truth = np.where(nobody, customers + np.cumsum(nobody), customer)
    return Organisation(rows, side, truth, form, script, facts, persons)


def _ids(side: Ints) -> np.ndarray:
    """M000001, S000001, ... in the order of the rows, which is random."""
    place = np.where(side == MARKETING, np.cumsum(side == MARKETING), np.cumsum(side == SALES))
    return texts(f"{'MS'[s]}{n:07d}" for s, n in zip(side.tolist(), place.tolist(), strict=True))


def _make_junk(rng: np.random.Generator, rows: pd.DataFrame, nobody: np.ndarray) -> None:
    """Tests and form samples: a placeholder for a name, contacts of nobody, perhaps a company."""
    places = np.flatnonzero(nobody)
    names = [one.split(":") for one in words.JUNK_NAMES.split()]
    drawn = rng.integers(0, len(names), len(places))
    mails = texts(["", "", *words.JUNK_MAIL.split()])[rng.integers(0, 7, len(places))]
    phones = texts(["", "", *words.JUNK_PHONES.split()])[rng.integers(0, 8, len(places))]
    for name, values in (
        ("last_name", texts(names[n][0] for n in drawn)),
        ("first_name", texts(names[n][1] for n in drawn)),
        ("email", mails),
        ("phone", phones),
    ):
        rows.iloc[places, rows.columns.get_loc(name)] = values
    for name in ("kana", "mobile", "postal_code", "address", "birth_date", "job_title"):
        rows.iloc[places, rows.columns.get_loc(name)] = ""
