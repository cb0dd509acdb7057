"""An organisation and its business. Belongs here: the order in which it is made up. Not here: any object of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from crm_pipeline.emulator.organisation.business.activities import add_activities
from crm_pipeline.emulator.organisation.business.deals import add_deals
from crm_pipeline.emulator.organisation.business.draft import LEFT, Draft
from crm_pipeline.emulator.organisation.business.tickets import add_tickets
from crm_pipeline.emulator.organisation.model import Organisation


def with_business(organisation: Organisation, seed: int, size: float = 1.0) -> Organisation:
    """The organisation with deals, tickets and activities; equal arguments give equal ones. `size` as in `generate`:
    at 1.0 some 320 deals, 130 tickets and 730 activities, the same few troubles at any size."""
    draft = Draft(organisation, Random(f"business of {seed}"))  # noqa: S311 - made-up data, not a secret
    deals, opportunities = add_deals(draft, size)
    add_activities(draft, deals, opportunities, size)
    add_tickets(draft, deals, size)
    records = {place: list(rows) for place, rows in organisation.records.items()}
    for place, rows in draft.records.items():
        records.setdefault(place, []).extend(rows)
    return replace(
        organisation,
        owners=[*organisation.owners, LEFT],
        records=records,
        associations=[*organisation.associations, *draft.associations],
    )
