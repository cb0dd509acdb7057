"""Rows of normalise.person and normalise.company, written as a test needs them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.match.stage import MatchResult, run
from crm_pipeline.warehouse import Warehouse

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


_settings = cache(load_settings)


def settings(**match: Any) -> Settings:
    loaded = _settings()
    return loaded.model_copy(update={"match": loaded.match.model_copy(update=match)})


def mailbox(address: str, *flags: str) -> dict[str, Any]:
    local, _, domain = address.partition("@")
    return {"identity": address, "delivery": address, "local": local, "domain": domain, "flags": list(flags)}


def telephone(
    e164: str, kind: str = "fixed", *, status: str = "valid", prefecture: str | None = None
) -> dict[str, Any]:
    return {"e164": e164, "extension": None, "status": status, "kind": kind, "prefecture": prefecture}


def person(key: str, family: str | None = None, given: str | None = None, **columns: Any) -> dict[str, Any]:
    return _row(
        key, {"family_key": family, "given_key": given, "readings": [], "name_flags": [], "e_mails": []}, columns
    )


def company(key: str, name: str | None = None, **columns: Any) -> dict[str, Any]:
    return _row(key, {"name_key": name, "domains": []}, columns)


def _row(key: str, first: dict[str, Any], columns: dict[str, Any]) -> dict[str, Any]:
    system, object_, record_id = key.split("/")
    common = {"system": system, "object": object_, "record_id": record_id, "created_at": CREATED, "phones": []}
    return {"record_key": key, **common, **first, **columns}


def warehouse(folder: Path, people: list[dict[str, Any]] = [], companies: list[dict[str, Any]] = []) -> Warehouse:  # noqa: B006
    house = Warehouse(folder / "crm.duckdb")
    fill(house, people, companies)
    return house


def copied(house: Warehouse, folder: Path) -> Warehouse:
    """A warehouse and its models once more, for a test that changes them."""
    shutil.copytree(house.path.parent, folder, dirs_exist_ok=True)
    return Warehouse(folder / house.path.name)


def fill(house: Warehouse, people: list[dict[str, Any]], companies: list[dict[str, Any]] = []) -> None:  # noqa: B006
    """Replace the rows of both tables."""
    with house.connect() as connection:
        for table, rows in (("person", people), ("company", companies)):
            connection.execute(f"delete from normalise.{table}")
            types = connection.execute(
                "select column_name, data_type from information_schema.columns "
                "where table_schema = 'normalise' and table_name = ?",
                [table],
            ).fetchall()
            columns = ", ".join(f"'{name}': '{type_}'" for name, type_ in types)
            spool = house.path.with_suffix(".ndjson")
            spool.write_text("\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows), "utf-8")
            if rows:
                connection.execute(
                    f"insert into normalise.{table} by name "
                    f"from read_json(?, format = 'newline_delimited', columns = {{{columns}}})",
                    [str(spool)],
                )


def matched(house: Warehouse, **match: Any) -> MatchResult:
    return run(house, settings(**match), 1)


def pairs(house: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    with house.connect() as connection:
        rows = connection.execute("from match.pair").df().to_dict("records")
    return {(row["left_key"], row["right_key"]): {str(k): v for k, v in row.items()} for row in rows}


def together(house: Warehouse) -> list[list[str]]:
    """The clusters with more than one record, sorted."""
    with house.connect() as connection:
        rows = connection.execute(
            "select list_sort(list(record_key)) from match.cluster group by cluster having count(*) > 1 order by 1"
        ).fetchall()
    return [row[0] for row in rows]
