"""Which record belongs to which: Salesforce's look-ups and HubSpot's associations, into `raw.association`."""
