"""Which pairs are worth comparing: those that share a key of at least one rule.

Belongs here: the rules, the keys of each record, the pairs and the report of what they cover. Not here: the comparison.
"""

from crm_pipeline.match.blocking.keys import refresh_keys
from crm_pipeline.match.blocking.pairs import pairs

__all__ = ["pairs", "refresh_keys"]
