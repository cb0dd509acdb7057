"""References between records: read on one side of the crosswalk, planned for the other.

Not here: the decision, which is that of any other field (decision/); sending (push/relations/).
"""
