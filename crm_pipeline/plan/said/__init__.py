"""What people said: holds, answers to conflicts, and the names by which they say it.

Belongs here: where it is kept, whom it concerns, how long it counts. Not here: what a plan makes of it (entity.py,
decision/answered.py), the words of the commands (cli/).
"""
