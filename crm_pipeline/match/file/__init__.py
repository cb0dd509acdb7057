"""Matching a file without a CRM: CSV or Parquet in, pairs and clusters out.

Belongs here: what the columns mean, reading damaged files, rows into the tables of normalise, the results. Not here:
matching itself, which is the same as for CRMs.
"""
