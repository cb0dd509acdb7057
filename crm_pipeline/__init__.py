"""Two CRMs, one customer: HubSpot and Salesforce read, matched, merged and written back."""
