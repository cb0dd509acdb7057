"""Sending a plan: never loses, never doubles, never overwrites what somebody just edited.

The flow: stage.py takes the plan, before/ lets operations give way, batch.py sends, outbox.py notes before and after,
recovery/ finds out what became of lost answers. Not here: what to write (plan/) and how a CRM is spoken to (crm/).
"""
