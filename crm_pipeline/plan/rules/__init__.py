"""Tests of the sync rules that people write in YAML: `crm-pipeline test-rules`.

Belongs here: what such a file says, and running it. Not here: the rules themselves (decision/).
"""
