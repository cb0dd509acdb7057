"""A plan as a whole: everything that would be written, everything that would not, and why; in four formats.

Belongs here: the content of a plan for a person (content.py), and one module a format. Not here: single queries on a
plan (report/plan.py), the command (cli/plan.py).
"""
