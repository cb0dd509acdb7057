"""Writes whose answer was lost: found out by reading, never by sending again.

Not here: what the outbox notes of them (outbox.py), bulk jobs as the warehouse knows them (job.py).
"""
