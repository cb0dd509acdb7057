"""Pairs compared: levels and rarity, by whole arrays.

Belongs here: how each outcome is found. Not here: what outcomes there are and what they weigh (people.py, firms.py).
"""

from crm_pipeline.match.comparison.compare import compare
from crm_pipeline.match.comparison.pairs import Rarities

__all__ = ["Rarities", "compare"]
