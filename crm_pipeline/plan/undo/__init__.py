"""Taking back what we wrote: one write, a run's or a record's as a plan, and what left a record with another customer.

Not here: sending it (push/), the words of the command (cli/undo.py).
"""
