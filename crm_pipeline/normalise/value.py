"""Which raw values need new keys: results are kept by (kind, raw value, version), so that a night costs what is new.

A value of several fields (a name, an address) is kept under the JSON list of its fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from crm_pipeline.normalise import NORMALISER_VERSION
from crm_pipeline.normalise.address import normalise_address
from crm_pipeline.normalise.domain import company_domain
from crm_pipeline.normalise.keys import Keys, keys
from crm_pipeline.normalise.name import normalise_name_parts
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert


def fill(connection: Connection, wanted: str, region: str) -> int:
    """Compute the keys that normalise.value lacks, and forget those that no record has.

    `wanted`: a relation with the columns kind and raw. Returns how many values were new.
    """
    version = version_of(region)
    connection.execute(
        f"delete from normalise.value where version <> ? or (kind, raw) not in (select (kind, raw) from {wanted})",
        [version],
    )
    new = connection.execute(f"select distinct kind, raw from {wanted} except select kind, raw from normalise.value")
    rows = [
        {"kind": kind, "raw": raw, "version": version, "keys": _keys(kind, raw, region)} for kind, raw in new.fetchall()
    ]
    insert(connection, "normalise.value", rows)
    return len(rows)


def version_of(region: str) -> str:
    """The keys' version: of the rules, and of the country that a number without a country code belongs to."""
    return f"{NORMALISER_VERSION}/{region}"


def _keys(kind: str, raw: str, region: str) -> Keys:
    if composite := _COMPOSITE.get(kind):
        return composite(*json.loads(raw))
    if kind == "website":
        return {"domain": company_domain(raw)}
    return keys(kind, raw, region)


def _name(family: str | None, given: str | None) -> Keys:
    return normalise_name_parts(family, given).as_json()


def _address(
    postal_code: str | None, prefecture: str | None, city: str | None, street: str | None, country: str | None
) -> Keys:
    return normalise_address(
        prefecture=prefecture, city=city, street=street, postal_code=postal_code, country=country
    ).as_json()


_COMPOSITE: dict[str, Callable[..., Keys]] = {"name": _name, "address": _address}
