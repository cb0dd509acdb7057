"""Sending a plan: never loses, never doubles, never overwrites what somebody just edited.

Belongs here: the write-ahead outbox, the re-read before each batch, what answers change, recovery after a crash. Not
here: what to write (plan/) and how a CRM is spoken to (crm/).
"""
