"""Evidence in words: the pairs that somebody may look at, and the waterfall of any pair."""
