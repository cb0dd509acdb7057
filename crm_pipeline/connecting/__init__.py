"""Connecting: what is looked at, set up and written down before the first run.

Belongs here: preflight, setup and init, as values. Not here: calls of a CRM (crm/), words on a terminal (cli/).
"""
