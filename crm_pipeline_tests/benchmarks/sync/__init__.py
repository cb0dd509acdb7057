"""Planning and pushing at size: linked pairs by the million, pushes at the CRMs' own limits (docs/benchmarks.md)."""
