"""Does a value, or a field, fit its counterpart in the other CRM?

Belongs here: spec objects-and-fields.md, Field type compatibility, and the way of a single value. Not here: which value
wins (decision/).
"""
