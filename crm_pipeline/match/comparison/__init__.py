"""Pairs compared: levels and rarity, by whole arrays.

Belongs here: how each outcome is found. Not here: what outcomes there are and what they weigh (people.py, firms.py).
"""

from crm_pipeline.match.comparison.compare import Rarities, compare, rarities

__all__ = ["Rarities", "compare", "rarities"]
