"""Where a person looks at a record in its CRM.

Belongs here: addresses of record pages. Not here: the accounts themselves (extract/account.py).
"""

from __future__ import annotations

from collections.abc import Callable

from crm_pipeline.model import System, split_record_key
from crm_pipeline.warehouse import Connection

#: HubSpot's numbers of the objects whose records have a page of their own.
_HUBSPOT_TYPES = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}

#: Record key -> address, or None where there is no such page. Of an erased one only `system/object` is left.
Link = Callable[[str], str | None]


def links(connection: Connection) -> Link:
    """Addresses in the portal and the organisation that were read last."""
    accounts = {
        System(system): (url, account_id)
        for system, url, account_id in connection.execute("select system, url, account_id from raw.account").fetchall()
    }

    def link(record_key: str) -> str | None:
        if record_key.count("/") < 2:
            return None
        system, object_, record_id = split_record_key(record_key)
        url, account_id = accounts.get(system, ("", ""))
        if not url or not record_id or record_id.startswith("new "):
            return None
        if system is System.SALESFORCE:
            return f"{url}/lightning/r/{object_}/{record_id}/view"
        number = _HUBSPOT_TYPES.get(object_)
        return f"{url}/contacts/{account_id}/record/{number}/{record_id}" if number else None

    return link
