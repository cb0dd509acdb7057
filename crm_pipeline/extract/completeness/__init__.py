"""Is everything here that the CRM says it has: counts, ids, samples, and the evidence for what is gone."""
