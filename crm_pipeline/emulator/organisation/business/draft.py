"""Deals, tickets and activities being made up: what is there already, and what they are drawn with.

Belongs here: records and associations so far, owners, times. Not here: fields of an object.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from random import Random

from crm_pipeline.emulator.organisation.business.customers import Customers
from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.model import Association, Fields, Organisation, Owner, Place, Record, Ref
from crm_pipeline.model import System

#: Somebody who left the firm, and when: older records still name them.
LEFT = Owner("yoshida.kenta@our-company.example", "吉田", "健太", left=True)
LEFT_AT = NOW - timedelta(days=120)
_OF_THE_ONE_WHO_LEFT = 0.08
_JAPAN = timezone(timedelta(hours=9))


class Draft:
    """What is added to an organisation. `customers`: who is there to deal with."""

    def __init__(self, organisation: Organisation, random: Random) -> None:
        self.random = random
        self.customers = Customers(organisation)
        self.records: dict[Place, list[Record]] = {}
        self.associations: list[Association] = []
        self._offset = {place: len(rows) for place, rows in organisation.records.items()}
        self._owners = {
            frozenset(systems): [owner.e_mail for owner in organisation.owners if set(systems) <= set(owner.systems)]
            for systems in ((System.HUBSPOT,), (System.SALESFORCE,), tuple(System))
        }

    def add(
        self, place: Place, fields: Fields, at: datetime, until: Fields | None = None, edited: datetime | None = None
    ) -> Ref:
        """One more record, made at that time; `until`: what it held until it was `edited`."""
        rows = self.records.setdefault(place, [])
        before = {name: old for name, old in (until or {}).items() if old != fields[name]}
        rows.append(Record(fields, at, max(edited, at) if before and edited else at, before))
        return Ref(place, self._offset.get(place, 0) + len(rows) - 1)

    def relate(self, one: Ref, others: Iterable[Ref | None], type_id: int) -> None:
        """Associate HubSpot records."""
        self.associations += [Association(one, other, type_id) for other in others if other is not None]

    def owner(self, at: datetime, *systems: System) -> str:
        """The e-mail address of a user of all these CRMs, at that time."""
        if at < LEFT_AT and self.random.random() < _OF_THE_ONE_WHO_LEFT:
            return LEFT.e_mail
        return self.random.choice(self._owners[frozenset(systems)])

    def later(self, since: datetime, share: float = 1.0) -> datetime:
        """A time within that share of the time that passed since then, to the second."""
        return (since + (NOW - since) * (share * self.random.random())).replace(microsecond=0)

    def chance(self, share: float) -> bool:
        return self.random.random() < share


def moment(at: datetime) -> str:
    """A time as HubSpot writes it; Salesforce takes it, too."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def day(at: datetime) -> str:
    """The day of a time where the organisation works, in Japan."""
    return at.astimezone(_JAPAN).date().isoformat()
