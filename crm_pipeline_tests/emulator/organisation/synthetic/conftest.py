"""The records of a synthetic organisation without a store: ids are made of object and number."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.emulator.organisation.synthetic.ground import ground, owners_of
from crm_pipeline.emulator.organisation.synthetic.hubspot import hubspot_records
from crm_pipeline.emulator.organisation.synthetic.rows import Links, Rows
from crm_pipeline.emulator.organisation.synthetic.salesforce import salesforce_records
from crm_pipeline.emulator.organisation.synthetic.texts import column
from crm_pipeline.emulator.organisation.synthetic.truth import entity_names
from crm_pipeline.model import System


@dataclass
class Made:
    """All records of one CRM by object, the entity of each (people and companies), and HubSpot's associations."""

    records: dict[str, list[ImportedRecord]] = field(default_factory=lambda: defaultdict(list))
    entities: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    links: list[tuple[str, str, int, str, str]] = field(default_factory=list)

    def values(self, object_: str, name: str) -> list:
        return [record.fields.get(name) for record in self.records[object_]]


def make(organisation: Synthetic, system: System) -> Made:
    made, users = Made(), owners_of(organisation)
    parts_of = hubspot_records if system is System.HUBSPOT else salesforce_records
    for district in organisation.districts():
        ids = {"owner": column(user.e_mail for user in users)}
        for part in parts_of(ground(district, users)):
            if isinstance(part, Links):
                ends = zip(ids[part.from_object][part.from_rows], ids[part.to_object][part.to_rows], strict=True)
                made.links += [(part.from_object, part.to_object, part.type_id, *pair) for pair in ends]
                continue
            assert isinstance(part, Rows)
            records = list(part.records(ids))
            first = len(made.records[part.object])
            ids[part.object] = column(f"{part.object}-{first + number}" for number in range(len(records)))
            made.records[part.object] += records
            if part.entities is not None:
                made.entities[part.object] += entity_names(district, part.object, part.entities)
    return made


@pytest.fixture(scope="package")
def organisation() -> Synthetic:
    return Synthetic(records=24_000, seed=3)


@pytest.fixture(scope="package")
def hubspot(organisation: Synthetic) -> Made:
    return make(organisation, System.HUBSPOT)


@pytest.fixture(scope="package")
def salesforce(organisation: Synthetic) -> Made:
    return make(organisation, System.SALESFORCE)
