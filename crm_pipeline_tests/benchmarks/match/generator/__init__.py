"""Synthetic organisations with two CRMs (organisation.py). Nothing here knows the matcher or its normalisation."""
