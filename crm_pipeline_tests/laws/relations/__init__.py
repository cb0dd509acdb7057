"""Random histories of small families: companies, their people, deals and tasks in two CRMs, and who belongs to whom.

Belongs here: the same machine as in laws/machine, over references and sets. Not here: values of a customer's own
fields, duplicates of one customer, splits: laws/machine has them.
"""
