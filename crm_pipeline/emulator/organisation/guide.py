"""The guide's own example: two people in the marketing tool, two in the sales tool, read from CSV files.

Belongs here: reading and checking the two files of data/demo. Not here: what is done with the records.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from crm_pipeline.emulator.organisation.model import CONTACTS, LEAD, Fields, Organisation, Place, Record, Truth
from crm_pipeline.errors import ConfigError

#: Column -> CRM field. `No` is the sales tool's running number.
_HUBSPOT_COLUMNS = {
    name: name for name in ("lastname", "firstname", "email", "state", "city", "address", "phone", "birth_date")
}
_SALESFORCE_COLUMNS = {"No": "Legacy_No__c"} | {
    name: name for name in ("LastName", "FirstName", "Company", "Email", "State", "City", "Street", "Phone", "Industry")
}
_ENTERED = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def guide(folder: Path) -> Organisation:
    """The records of hubspot_contacts.csv and salesforce_leads.csv in `folder`.

    An empty cell is a field without a value. Row n of both files is the same person. Raises ConfigError, naming file
    and line, for a missing file, another header, a row of another length, a missing required value or a wrong date.
    """
    contacts = _records(
        folder / "hubspot_contacts.csv", _HUBSPOT_COLUMNS, required=("lastname",), dates=("birth_date",)
    )
    leads = _records(folder / "salesforce_leads.csv", _SALESFORCE_COLUMNS, required=("LastName", "Company"), dates=())
    places: list[tuple[Place, list[Record]]] = [(CONTACTS, contacts), (LEAD, leads)]
    return Organisation(
        owners=[],
        records=dict(places),
        associations=[],
        truth=[Truth(*place, index, f"guide-{index + 1}") for place, rows in places for index in range(len(rows))],
    )


def _records(path: Path, columns: dict[str, str], *, required: Sequence[str], dates: Sequence[str]) -> list[Record]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; the demo needs it") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as UTF-8 CSV") from None
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines, [])
    if header != list(columns):
        raise ConfigError(f"{path} line 1: the header must be {','.join(columns)}")
    found = []
    for cells in lines:
        where = f"{path} line {lines.line_num}"
        if len(cells) != len(columns):
            raise ConfigError(f"{where}: {len(cells)} cells, but the header names {len(columns)}; check the commas")
        row = dict(zip(header, cells, strict=True))
        for column in required:
            if not row[column].strip():
                raise ConfigError(f"{where}: {column} is empty; every record needs one")
        for column in dates:
            _check_date(row[column], f"{where}: {column}")
        fields: Fields = {columns[column]: value or None for column, value in row.items()}
        found.append(Record(fields, _ENTERED, _ENTERED))
    return found


def _check_date(text: str, where: str) -> None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where} is not a date; write it as 1988-04-09") from None
