"""The file of an organisation: one JSON value a line, so that a million records never stand in memory twice.

Belongs here: the form of the file. First line: settings, custom fields, what is in the recycle bin and in the list of
deletions. Then for each object a line with its name, the number of its records and the names of the stored fields, and
a line with the values of each record. Not here: what the store does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from crm_pipeline.emulator.salesforce.importing import Texts
from crm_pipeline.emulator.salesforce.layout import Row
from crm_pipeline.emulator.salesforce.rows import Deletion, Rows

_BLOCK = 1 << 20


def write(path: Path | str, header: Mapping[str, Any], rows: Rows) -> None:
    """Write the organisation: `header` is anything in JSON that `read_header` gives back."""
    deletions = {
        name: {record_id: tuple(deletion) for record_id, deletion in table.deletions.items()}
        for name, table in rows.tables.items()
    }
    first = {**header, "counters": rows.counters, "purged": rows.purged, "deletions": deletions}
    with Path(path).open("wb", buffering=_BLOCK) as file:
        file.write(orjson.dumps(first) + b"\n")
        for name, table in rows.tables.items():
            if len(table):
                about = {"object": name, "records": len(table), "names": list(table.layout.positions)}
                file.write(orjson.dumps(about) + b"\n")
                file.writelines(orjson.dumps(row.values_) + b"\n" for row in table.all())


def read_header(path: Path | str) -> dict[str, Any]:
    """The first line of the file."""
    with Path(path).open("rb") as file:
        return orjson.loads(file.readline())  # type: ignore[no-any-return]


def read_rows(path: Path | str, rows: Rows) -> None:
    """Replace all rows by those of the file; `rows` knows the custom fields already."""
    with Path(path).open("rb", buffering=_BLOCK) as file:
        header = orjson.loads(file.readline())
        for table in rows.tables.values():
            for record_id in list(table):
                table.remove(record_id)
        rows.counters |= header["counters"]
        rows.purged = header["purged"]
        for line in file:
            about = orjson.loads(line)
            table = rows.tables[about["object"]]
            layout, deletions = table.layout, header["deletions"][about["object"]]
            texts, names = Texts(rows, layout), about["names"]
            in_place = names == list(layout.positions)
            for _ in range(about["records"]):
                values = orjson.loads(file.readline())
                if not in_place:
                    values = list(layout.row(dict(zip(names, values, strict=False))).values_)
                texts.share(values)
                deletion = deletions.get(values[0])
                table.put(Row(layout, tuple(values)), Deletion(*deletion) if deletion else None)
