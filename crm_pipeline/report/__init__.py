"""What a person sees of the tables: read-only queries and words for the command line and the orchestrator.

Belongs here: rows -> small dataclasses, and how a value is masked. Not here: layout of a terminal or a web page.
"""
