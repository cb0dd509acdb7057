"""What is looked at before a write leaves: whether record, people, or what hangs on it have moved since the plan.

Belongs here: which operations give way, and why. Not here: sending (batch.py), the way a write is cut (batches.py).
"""
