"""What would be planned if something were otherwise: a pair accepted, or other rules. Nothing of it is kept as a plan.

Not here: the plan of a run (stage.py).
"""
