"""What an organisation does with its customers: deals, tickets, calls, e-mails, meetings, notes and tasks.

`with_business` adds a small, believable set to an organisation of `generate`; `portal.set_up_business` makes what it
needs in HubSpot. Most deals stand in one CRM only, as before a sync; some are in both, and HubSpot's own connector left
the other's id on them.
"""

from crm_pipeline.emulator.organisation.business.make import with_business

__all__ = ["with_business"]
