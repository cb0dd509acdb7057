"""An emulated HubSpot portal: `HubSpotStore` is its state, `create_app` its HTTP API.

Behaviour follows HubSpot's documentation, its published SDK and what public projects observed; where those are silent
the module in question names the choice, which is the stricter one. Contacts and companies exist; other object types
are refused as HubSpot refuses unknown ones.
"""

from crm_pipeline.emulator.hubspot.app import create_app
from crm_pipeline.emulator.hubspot.errors import HubSpotError
from crm_pipeline.emulator.hubspot.store import HubSpotStore

__all__ = ["HubSpotError", "HubSpotStore", "create_app"]
