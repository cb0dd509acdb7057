"""Clusters: the records that are one customer, by sure pairs and people's decisions, never against a decision.

Belongs here: the order of joining (joining.py), what people decided (decided.py), average linkage by rounds
(linkage.py), connected components (components.py), what was left out in words (left_out.py). Pure: numpy arrays in,
arrays out, no loop over components. Not here: which pairs are sure (the tiers), tables (stage.py).
"""
