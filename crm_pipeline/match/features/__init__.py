"""What is compared of each record, kept up to date: match.person and match.company.

Belongs here: from normalise (and the clusters of companies) to one row a record. Not here: keys for blocking.
"""

from crm_pipeline.match.features.refresh import refresh

__all__ = ["refresh"]
