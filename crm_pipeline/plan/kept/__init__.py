"""A plan as it is kept: its row and state, its operations, moves and conflicts, and the approval of its content.

Belongs here: rows of plan.*, written and read back. Not here: what stands in them (stage.py, entity.py), how much a
plan may change (guards.py).
"""
