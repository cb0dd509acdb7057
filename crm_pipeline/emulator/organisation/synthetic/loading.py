"""A synthetic organisation on its way into the store of one CRM, district by district.

Belongs here: users, records, associations, progress. Not here: what the records hold, the table of who is who
(truth.py). One process loads one CRM; only the store grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crm_pipeline.emulator.collecting import without_collections
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation import portal
from crm_pipeline.emulator.organisation.model import Owner
from crm_pipeline.emulator.organisation.synthetic.ground import ground, owners_of
from crm_pipeline.emulator.organisation.synthetic.hubspot import hubspot_records
from crm_pipeline.emulator.organisation.synthetic.rows import Links, Rows
from crm_pipeline.emulator.organisation.synthetic.salesforce import salesforce_records
from crm_pipeline.emulator.organisation.synthetic.sizes import District, Synthetic
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, column
from crm_pipeline.emulator.organisation.synthetic.truth import TruthFile
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System

#: Told after every district how many records are there by now, and how many there will be.
Progress = Callable[[int, int], None]


def load_hubspot(
    organisation: Synthetic, store: HubSpotStore, *, truth: Path | None = None, progress: Progress | None = None
) -> None:
    """Put the HubSpot side of the organisation into a new portal, with its custom properties, owners and associations.

    `truth` is a file that gets a row for each record of a person or company, as `truth.TruthFile` says. Nothing is
    checked: the records are as the API would have them.
    """
    portal.set_up_hubspot(store)
    users = owners_of(organisation)
    ids = {str(owner["email"]): owner_id for owner_id, owner in store.owners.items()}
    for user in _of_system(users, System.HUBSPOT):
        if user.e_mail not in ids:
            ids[user.e_mail] = store.add_owner(user.e_mail, user.given_name, user.family_name)
    owner_ids = column(ids.get(user.e_mail) for user in users)
    with _loading(organisation, System.HUBSPOT, truth, progress) as (districts, truth_file):
        for district in districts:
            known: dict[str, Texts] = {"owner": owner_ids}
            for part in hubspot_records(ground(district, users)):
                if isinstance(part, Rows):
                    known[part.object] = column(store.import_records(part.object, part.records(known)))
                    truth_file.add(district, part, known[part.object])
                elif len(part.from_rows):
                    store.associations.import_pairs(part.from_object, part.to_object, part.type_id, _pairs(part, known))


def load_salesforce(
    organisation: Synthetic, store: SalesforceStore, *, truth: Path | None = None, progress: Progress | None = None
) -> None:
    """Put the Salesforce side into a new organisation, with its custom fields and users; as `load_hubspot`."""
    portal.set_up_salesforce(store)
    users = owners_of(organisation)
    ids = {str(store.read("User", user_id)["Email"]): user_id for user_id in store.ids("User")}
    for user in _of_system(users, System.SALESFORCE):
        if user.e_mail not in ids:
            ids[user.e_mail] = store.add_user(user.e_mail, f"{user.family_name} {user.given_name}")
    user_ids = column(ids.get(user.e_mail) for user in users)
    with _loading(organisation, System.SALESFORCE, truth, progress) as (districts, truth_file):
        for district in districts:
            known: dict[str, Texts] = {"owner": user_ids}
            for part in salesforce_records(ground(district, users)):
                known[part.object] = column(store.import_records(part.object, part.records(known)))
                truth_file.add(district, part, known[part.object])


def _of_system(users: tuple[Owner, ...], system: System) -> Iterator[Owner]:
    return (user for user in users if system in user.systems)


def _pairs(links: Links, known: Mapping[str, Texts]) -> Iterator[tuple[str, str]]:
    from_ids = known[links.from_object][links.from_rows].tolist()
    return zip(from_ids, known[links.to_object][links.to_rows].tolist(), strict=True)


@contextmanager
def _loading(
    organisation: Synthetic, system: System, truth: Path | None, progress: Progress | None
) -> Iterator[tuple[Iterator[District], TruthFile]]:
    """The districts and the open truth file."""
    with without_collections(), TruthFile(truth, system) as truth_file:
        yield _reported(organisation, progress), truth_file


def _reported(organisation: Synthetic, progress: Progress | None) -> Iterator[District]:
    done = 0
    for district in organisation.districts():
        yield district
        done += sum(district.hubspot.values())
        if progress:
            progress(done, organisation.records)
