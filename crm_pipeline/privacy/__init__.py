"""Personal data: removing a person from everything here, keeping them out afterwards, and proving it (laws 44, 45).

Belongs here: which data are a person's, where they stand, what is left of them. Not here: reading a CRM (extract/ asks
`suppression`), and deleting in a CRM, which people do there.
"""
