"""HubSpot, over the official hubspot-api-client."""
