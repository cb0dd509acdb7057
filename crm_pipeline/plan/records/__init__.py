"""Which records there are to be: who takes part, what is created, archived, kept apart, or proposed for merging.

Belongs here: decisions about records as a whole. Not here: decisions about their fields (decision/).
"""
