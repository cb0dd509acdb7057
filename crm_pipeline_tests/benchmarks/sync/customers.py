"""Customers in both emulated CRMs, made for pushing: HubSpot lacks what Salesforce knows, and the other way round.

Belongs here: functions that run in a CRM's process (`EmulatedCrm.ask`). Not here: what is measured (pushing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crm_pipeline.emulator.imported import ImportedRecord

#: HubSpot property -> Salesforce field of who is in both CRMs.
_BOTH = {"lastname": "LastName", "firstname": "FirstName", "email": "Email"}
#: A number spelled by these is a name that nobody else has.
_SYLLABLES = ("na", "ki", "su", "te", "no", "ha", "mi", "yu", "re", "go")
_CREATED = datetime(2026, 1, 5, tzinfo=UTC)


def fill_hubspot(endpoint: Any, shared: int, alone: int) -> None:
    """Contacts 0 to `shared` are in both CRMs and have a job title that sales does not know; `alone` more are new."""
    names = {hubspot: hubspot for hubspot in _BOTH}
    titled = [_person(n, names) | {"jobtitle": f"部長 {n}"} for n in range(shared)]
    new = [_person(n, names) for n in range(shared, shared + alone)]
    endpoint.store.import_records("contacts", [_imported(fields) for fields in titled + new])


def fill_salesforce(endpoint: Any, shared: int, alone: int) -> None:
    """Leads of the same people with a telephone that marketing does not know, and others that HubSpot lacks."""
    company = {"Company": "-"}
    known = [_person(n, _BOTH) | company | {"Phone": f"03-{1000 + n // 10000}-{n % 10000:04}"} for n in range(shared)]
    first = 10 * (shared + alone)
    new = [_person(n, _BOTH) | company for n in range(first, first + alone)]
    endpoint.store.import_records("Lead", [_imported(fields) for fields in known + new])


def _person(number: int, names: Mapping[str, str]) -> dict[str, str]:
    family = "Kato" + "".join(_SYLLABLES[int(digit)] for digit in str(number))
    values = {"lastname": family, "firstname": "Ken", "email": f"ken@{family.lower()}.co.jp"}
    return {names[hubspot]: value for hubspot, value in values.items()}


def _imported(fields: Mapping[str, str]) -> ImportedRecord:
    return ImportedRecord(fields, _CREATED, _CREATED)
