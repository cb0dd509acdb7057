"""One customer, once: stable golden ids, the crosswalk, and the best value of every field with its provenance.

Belongs here: what clusters become. Not here: which records belong together (match/), what is written back (plan/).
"""
