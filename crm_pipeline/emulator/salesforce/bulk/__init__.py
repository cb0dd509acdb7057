"""Bulk API: jobs that query or write many records, run beside the requests.

Belongs here: Bulk API 2.0 (jobs/query, jobs/ingest). Not here: SOQL (soql/), the rules of single records.
"""
