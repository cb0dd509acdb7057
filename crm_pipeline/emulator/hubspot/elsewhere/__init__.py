"""Parts of HubSpot that are not emulated: empty, or refused for want of a scope."""
