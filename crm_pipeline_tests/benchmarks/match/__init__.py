"""The matcher against Splink on labelled data (docs/benchmarks.md, section Matching)."""
