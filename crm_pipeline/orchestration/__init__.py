"""Everything Dagster: assets, checks, jobs, the schedule, resources, metadata.

Belongs here: how the steps of flow.py look and run in Dagster. Not here: what a step does; limits that keep the CRMs
safe (push/ enforces them, since anybody can materialise `push` alone; the checks here only mirror them).
"""
