"""What would be written, and why: a pure decision per field, then operations, guards and a content hash.

The flow: load.py reads, whole.py plans one golden record (entity.py its fields, records/ its records), gathered.py adds
up, stage.py writes down (kept/). Belongs here: everything between golden records and the first request. Not here:
sending (push/), matching, any CRM call.
"""
