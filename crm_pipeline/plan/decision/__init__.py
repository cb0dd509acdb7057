"""The decision about one field of one golden record, pure: values, bases, times and a rule in, an outcome out.

Belongs here: spec sync-rules.md, One value a side, The rules, Which records are written. Not here: records and CRMs
(member.py, entity.py), whether a value fits its target (fit/).
"""
