"""Users of an emulated CRM, behind the interface of the CRM in a dictionary (crm.py).

Belongs here: what a user does there by the emulator's own means: saving, deleting, restoring, merging, converting. Not
here: nights (cloud_nights.py), what our writes were (cloud_writes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import Value
from crm_pipeline_tests.laws.machine.crm import DictCrm, Kept
from crm_pipeline_tests.laws.machine.ground import CONTACT, CONTACTS, FIELD_OF, LEAD, H, S, crm_name
from crm_pipeline_tests.pipeline.cloud import Cloud


@dataclass
class CloudCrm(DictCrm):
    """The records that it keeps are what was seen of them last: `refresh` looks again."""

    cloud: Cloud | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.last_seen = self.now

    @property
    def _store(self) -> HubSpotStore | SalesforceStore:
        assert self.cloud
        return self.cloud.hubspot if self.system is H else self.cloud.salesforce

    def add(self, object_: str, fields: Mapping[str, Value], by: str = "user") -> Kept:
        given = {n: v for n, v in fields.items() if v is not None and "." not in n}
        return self._seen(object_, str(self._store.create(object_, given)), by)

    def save(self, record: Kept, fields: Mapping[str, Value], by: str = "user") -> None:
        self._advance()
        blank = "" if self.system is H else None
        self._store.update(record.object, record.record_id, {n: blank if v is None else v for n, v in fields.items()})
        self.refresh(record)

    def delete(self, record: Kept, reason: str = "deleted", survivor: Kept | None = None) -> None:
        self._advance()
        (self._store.archive if isinstance(self._store, HubSpotStore) else self._store.delete)(
            record.object, record.record_id
        )
        record.retired = reason

    def restore(self, record: Kept) -> None:
        self._advance()
        (self._store.restore if isinstance(self._store, HubSpotStore) else self._store.undelete)(
            record.object, record.record_id
        )
        record.retired = None
        self.refresh(record)

    def merge(self, winner: Kept, loser: Kept) -> Kept:
        self._advance()
        if isinstance(self._store, HubSpotStore):
            new = self._seen(winner.object, self._store.merge(winner.object, winner.record_id, loser.record_id))
            winner.retired = "merged"
        else:
            new = winner
            self._store.merge(winner.record_id, loser.record_id)
            self.refresh(new)
        loser.retired = "merged"
        loser.survivor = new.object, new.record_id
        return new

    def convert(self, lead: Kept, into: Kept | None = None) -> Kept:
        """Salesforce's own conversion: a new account each time; a new contact, or values for one that is there."""
        self._advance()
        assert isinstance(self._store, SalesforceStore)
        contact_id = into.record_id if into else None
        account_id = self._store.read(CONTACT, contact_id)["AccountId"] if contact_id else None
        _, made = self._store.convert_lead(lead.record_id, account_id=account_id, contact_id=contact_id)
        new = into or self._seen(CONTACT, str(made))
        self.refresh(new)
        lead.retired = "converted"
        lead.survivor = new.object, new.record_id
        return new

    def refresh(self, record: Kept) -> None:
        """Look at a record as it is now."""
        record.fields = self.shown(record)

    def shown(self, record: Kept) -> dict[str, Value]:
        """The mapped fields of a record as they are now; blank ones as None."""
        now = self._store.read(record.object, record.record_id)
        return {name: now.get(name) or None for name in (crm_name(self.system, part) for part in FIELD_OF)}

    def _seen(self, object_: str, record_id: str, by: str = "user") -> Kept:
        record = Kept(object_, record_id, self.now, self.now, by, {}, {})
        self.kept[object_, record_id] = record
        self.refresh(record)
        return record

    def _advance(self) -> None:
        """World counts the time of users on `now`; the emulator's clock follows."""
        assert self.cloud
        clock = self.cloud.clocks[self.system]
        clock.advance(max(0.0, (self.now - self.last_seen).total_seconds()))
        self.last_seen = self.now


def define_fields(here: Cloud) -> None:
    """The mapping's fields (ground.py), as texts in both CRMs."""
    for part in FIELD_OF:
        name = crm_name(H, part)
        here.hubspot.define_property(CONTACTS, {"name": name, "label": name, "type": "string", "fieldType": "text"})
        for object_ in (LEAD, CONTACT):
            here.salesforce.define_field(object_, {"name": crm_name(S, part), "type": "string", "length": 255})
