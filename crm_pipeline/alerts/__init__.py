"""Alerts: what holds that a person should know of, told once when it begins and once when it is over.

Belongs here: finding it in the warehouse (look.py), what of it is news (news.py, pure), the words (words.py,
message.py), the channels (slack.py, mail.py), and doing all of that at the end of a run (tell.py). Not here: Dagster's
sensor (orchestration/sensors.py), and what the safety of the CRMs rests on (push/).
"""
