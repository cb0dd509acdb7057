"""Which records are the same customer: blocking, evidence, tiers, clusters, and what people decided.

Belongs here: everything between the keys of normalise and the clusters. Not here: golden ids and values.
"""
