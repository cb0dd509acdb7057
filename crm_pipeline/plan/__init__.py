"""What would be written, and why: a pure decision per field, then operations, guards and a content hash.

Belongs here: everything between golden records and the first request. Not here: sending
(push/), matching, any CRM call.
"""
