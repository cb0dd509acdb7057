"""References at sending: ids that were not known at planning, and relations that are no fields of a record.

Not here: reading and planning them (plan/references/).
"""
