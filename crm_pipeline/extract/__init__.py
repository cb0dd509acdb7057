"""Reads both CRMs into `raw.*`, completely or not at all.

Belongs here: what is read, how it is loaded, and the proof that nothing is missing. Not here: the CRMs' wire formats
(crm/), and anything that changes or interprets a value.
"""
