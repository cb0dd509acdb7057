"""Random histories of customers in two CRMs, and what a correct sync may make of them.

Belongs here: histories (history.py), two CRMs in dictionaries (crm.py), nights over the real plan and push (nights.py),
the reference model (model.py). A history is one customer; thousands of them share a database, so that a night of all
costs little more than a night of one. Not here: any decision of the product.
"""
