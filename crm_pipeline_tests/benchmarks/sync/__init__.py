"""Planning and pushing at size: a million linked pairs, and pushes at the CRMs' own rate limits (docs/benchmarks.md)."""
